import { useMemo } from 'react';
import { breakdownOf } from '../engine/breakdown.ts';
import { endingOf } from '../engine/ending.ts';
import { findingsOf } from '../engine/findings.ts';
import { requestSteps } from '../engine/request-steps.ts';
import type { SessionMedian } from '../engine/session-median.ts';
import { shownSteps } from '../engine/shown-steps.ts';
import { timeByDetail } from '../engine/time-details.ts';
import type { TraceModel } from '../engine/trace-model.ts';
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
  /** What is usual for requests like this one; null where that is not known. */
  readonly median: SessionMedian | null;
  /** Where a span is shown. */
  readonly hrefOfRow: (row: number) => string;
  readonly compareHref: string | null;
}

/** What happened to a request, at a glance: the cause, where the time went, and the way it took. */
export function SummaryTab({ model, factsOf, median, hrefOfRow, compareHref }: Props) {
  const { summary } = model.skeleton;
  const { transaction, ending, findings, shown, map } = useMemo(() => {
    const found = transactionOf(model, factsOf);
    const reading = { model, summary, transaction: found, factsOf };
    const kept = shownSteps(requestSteps(model, found));
    return {
      transaction: found,
      ending: endingOf(reading),
      findings: findingsOf(reading, median),
      shown: kept,
      map: transactionMap(model, kept.steps),
    };
  }, [model, summary, factsOf, median]);
  const breakdown = useMemo(() => breakdownOf(timeByDetail(model)), [model]);
  return (
    <div className={styles['tab']}>
      <KeyMetrics summary={summary} />
      <div className={styles['columns']}>
        <Findings ending={ending} findings={findings} hrefOfRow={hrefOfRow} compareHref={compareHref} />
        <BreakdownTable breakdown={breakdown} />
      </div>
      <TransactionMapView
        model={model}
        map={map}
        transaction={transaction}
        ending={ending}
        clientAddress={factsOf(model.root)?.attributes['client.address']}
        hrefOfRow={hrefOfRow}
      />
      <StepList model={model} shown={shown} hrefOfRow={hrefOfRow} />
    </div>
  );
}
