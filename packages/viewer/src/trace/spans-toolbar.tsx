import type { RefObject } from 'react';
import { Button, IconButton } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import styles from './spans-toolbar.module.css';
import type { FilterOutcome } from './use-span-filter.ts';

interface Props {
  readonly filter: string;
  readonly outcome: FilterOutcome;
  readonly inputRef: RefObject<HTMLInputElement | null>;
  readonly isWhole: boolean;
  readonly isPathShown: boolean;
  readonly onFilter: (text: string) => void;
  readonly onLeave: () => void;
  readonly onCollapseAll: () => void;
  readonly onExpandAll: () => void;
  readonly onPath: () => void;
  /** Below 1: closer. */
  readonly onZoom: (factor: number) => void;
  readonly onFit: () => void;
}

/** Filter, folding and zoom of the spans. */
export function SpansToolbar(props: Props) {
  const { filter, outcome, inputRef, isWhole, isPathShown, onFilter, onLeave } = props;
  return (
    <search className={styles['toolbar']}>
      <input
        ref={inputRef}
        type="search"
        className={styles['filter']}
        aria-label="Filter spans"
        aria-invalid={outcome.isWrong ? true : undefined}
        aria-describedby="span-filter-outcome"
        aria-keyshortcuts="/"
        placeholder="Filter:  plugin:cors  dur>5ms  status=error  -dns"
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
        className={outcome.isWrong ? styles['wrong'] : styles['count']}
      >
        {outcome.text}
      </span>
      <span className={styles['end']}>
        <Button
          kind="quiet"
          aria-pressed={isPathShown}
          aria-keyshortcuts="p"
          title="What the request was waiting for, instant by instant (p)"
          onClick={props.onPath}
        >
          Critical path
        </Button>
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
