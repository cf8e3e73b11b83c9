import type { TraceSummary } from '@gatescope/protocol';
import { useId, useMemo } from 'react';
import { grouped } from '../engine/duration-format.ts';
import { isAsked, traceFacets, withFacet } from '../engine/trace-facets.ts';
import type { TraceListFilter } from '../engine/trace-list-filter.ts';
import { visibleText } from '../engine/visible-text.ts';
import styles from './trace-facets.module.css';

interface Props {
  readonly traces: readonly TraceSummary[];
  readonly filter: TraceListFilter;
  readonly onChange: (filter: TraceListFilter) => void;
}

/** What the traces have in common, each value with how many; pressing one asks for it. */
export function TraceFacets({ traces, filter, onChange }: Props) {
  const id = useId();
  const facets = useMemo(() => traceFacets(traces), [traces]);
  return (
    <div className={styles['facets']}>
      {facets
        .filter(({ values }) => values.length > 0)
        .map(({ name, values }) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields, these are buttons
          <div key={name} className={styles['facet']} role="group" aria-labelledby={`${id}-${name}`}>
            <span id={`${id}-${name}`} className={styles['name']}>
              {name}
            </span>
            <span className={styles['values']}>
              {values.map((value) => (
                <button
                  key={value.label}
                  type="button"
                  className={styles['value']}
                  aria-pressed={isAsked(filter, value)}
                  onClick={() => onChange(withFacet(filter, value))}
                >
                  <span>{visibleText(value.label)}</span>
                  <span className={styles['count']}>{grouped(value.count)}</span>
                </button>
              ))}
            </span>
          </div>
        ))}
    </div>
  );
}
