import { useMemo } from 'react';
import { breakdownOf } from '../engine/breakdown.ts';
import { endingOf } from '../engine/ending.ts';
import { findingsOf } from '../engine/findings.ts';
import { timeByPart } from '../engine/latency-segments.ts';
import { requestSteps } from '../engine/request-steps.ts';
import { shownSteps } from '../engine/shown-steps.ts';
import { endOf, startOf, type TraceModel } from '../engine/trace-model.ts';
import { type FactsOf, transactionOf } from '../engine/transaction.ts';
import { transactionMap } from '../engine/transaction-map.ts';
import { BreakdownTable } from './breakdown-table.tsx';
import { Findings } from './findings.tsx';
import { KeyMetrics } from './key-metrics.tsx';
import { StepList } from './step-list.tsx';
import styles from './summary-tab.module.css';
import { TransactionMapView } from './transaction-map-view.tsx';

interface Props {
  readonly model: TraceModel;
  readonly factsOf: FactsOf;
  /** Where a span is shown. */
  readonly hrefOfRow: (row: number) => string;
}

/** What happened to a request, at a glance. */
export function SummaryTab({ model, factsOf, hrefOfRow }: Props) {
  const { summary } = model.skeleton;
  const { transaction, ending, findings, shown, map, breakdown } = useMemo(() => {
    const found = transactionOf(model, factsOf);
    const reading = { model, summary, transaction: found, factsOf };
    const kept = shownSteps(requestSteps(model, found));
    return {
      transaction: found,
      ending: endingOf(reading),
      findings: findingsOf(reading),
      shown: kept,
      map: transactionMap(model, kept.steps),
      breakdown: breakdownOf(
        timeByPart(found.segments, startOf(model, model.root), endOf(model, model.root)),
      ),
    };
  }, [model, summary, factsOf]);
  return (
    <div className={styles['tab']}>
      <KeyMetrics summary={summary} />
      <Findings ending={ending} findings={findings} hrefOfRow={hrefOfRow} />
      <TransactionMapView
        model={model}
        map={map}
        transaction={transaction}
        ending={ending}
        clientAddress={factsOf(model.root)?.attributes['client.address']}
        hrefOfRow={hrefOfRow}
      />
      <div className={styles['columns']}>
        <BreakdownTable breakdown={breakdown} />
        <StepList model={model} shown={shown} hrefOfRow={hrefOfRow} />
      </div>
    </div>
  );
}
