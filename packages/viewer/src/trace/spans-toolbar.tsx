import type { RefObject } from 'react';
import { grouped } from '../engine/duration-format.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import styles from './spans-toolbar.module.css';

interface Props {
  readonly filter: string;
  /** What is wrong with the filter, or null. */
  readonly message: string | null;
  /** Null without a filter. */
  readonly matchCount: number | null;
  readonly spanCount: number;
  readonly inputRef: RefObject<HTMLInputElement | null>;
  readonly isWhole: boolean;
  readonly onFilter: (text: string) => void;
  readonly onLeave: () => void;
  readonly onCollapseAll: () => void;
  readonly onExpandAll: () => void;
  /** Below 1: closer. */
  readonly onZoom: (factor: number) => void;
  readonly onFit: () => void;
}

/** Filter, folding and zoom of the spans. */
export function SpansToolbar(props: Props) {
  const { filter, message, matchCount, spanCount, inputRef, isWhole, onFilter, onLeave } = props;
  return (
    <search className={styles['toolbar']}>
      <input
        ref={inputRef}
        type="search"
        className={styles['filter']}
        aria-label="Filter spans"
        aria-invalid={message === null ? undefined : true}
        aria-describedby="span-filter-outcome"
        aria-keyshortcuts="/"
        placeholder="Filter:  plugin:cors  phase:access  dur>5ms  status=error  -dns"
        spellCheck={false}
        value={filter}
        onChange={(event) => onFilter(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && filter !== '') onFilter('');
          else if (event.key === 'Escape' || event.key === 'Enter') onLeave();
        }}
      />
      <span
        id="span-filter-outcome"
        role="status"
        className={message === null ? styles['count'] : styles['wrong']}
      >
        {message ?? (matchCount === null ? '' : `${grouped(matchCount)} of ${grouped(spanCount)}`)}
      </span>
      <span className={styles['end']}>
        <Button kind="quiet" onClick={props.onCollapseAll}>
          Fold
        </Button>
        <Button kind="quiet" onClick={props.onExpandAll}>
          Unfold
        </Button>
        <IconButton label="Zoom out" onClick={() => props.onZoom(2)} disabled={isWhole}>
          <Icon name="minus" />
        </IconButton>
        <IconButton label="Zoom in" onClick={() => props.onZoom(0.5)}>
          <Icon name="plus" />
        </IconButton>
        <IconButton label="Show the whole trace (f)" onClick={props.onFit} disabled={isWhole}>
          <Icon name="fit" />
        </IconButton>
      </span>
    </search>
  );
}
