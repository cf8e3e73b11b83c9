import { memo } from 'react';
import { formatDuration } from '../engine/duration-format.ts';
import { numberedName } from '../engine/span-label.ts';
import {
  categoryOfRow,
  durationOf,
  endOf,
  hasFailed,
  startOf,
  type TraceModel,
} from '../engine/trace-model.ts';
import { Icon } from '../parts/icons.tsx';
import { CategorySwatch } from './category-swatch.tsx';
import styles from './span-row.module.css';

const INDENT_PX = 14;
/** A deep tree is not indented out of sight. */
const INDENT_LEVELS_MAX = 16;

interface Props {
  readonly model: TraceModel;
  readonly row: number;
  /** From 1, over all rows that are shown. */
  readonly rowIndex: number;
  readonly isCollapsed: boolean;
  readonly isSelected: boolean;
  readonly isDimmed: boolean;
  /** See `ioOrdinals`. */
  readonly ordinals: Int32Array;
  /** What else tells it from others of its name; may be empty. */
  readonly label: string;
  /** Of the span on the critical path, where that is shown. */
  readonly pathNs: number;
  readonly onSelect: (row: number) => void;
  readonly onToggle: (row: number) => void;
}

/** The id of a row's element. */
export function spanRowId(row: number): string {
  return `span-${row}`;
}

/** One span of the tree: its name, how long it took, whether it failed. */
export const SpanRow = memo(function SpanRow(props: Props) {
  const { model, row, rowIndex, isCollapsed, isSelected, isDimmed, pathNs, onSelect, onToggle } = props;
  const { ordinals, label } = props;
  const name = numberedName(model, row, ordinals);
  const depth = model.depth[row]!;
  const hasChildren = model.childCount[row]! > 0;
  // What runs after the response has a lane of its own below all else.
  const isLane =
    depth === 1 && startOf(model, row) >= endOf(model, model.root) && model.parent[row] === model.root;
  const look = [
    styles['row'],
    isLane && styles['lane'],
    isSelected && styles['selected'],
    isDimmed && styles['dimmed'],
  ];
  return (
    <tr
      id={spanRowId(row)}
      aria-level={depth + 1}
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
      aria-expanded={hasChildren ? !isCollapsed : undefined}
      className={look.filter(Boolean).join(' ')}
      onClick={() => onSelect(row)}
    >
      <td>
        <span
          className={styles['name']}
          style={{ paddingLeft: 6 + Math.min(depth, INDENT_LEVELS_MAX) * INDENT_PX }}
          title={label === '' ? name : `${name} ${label}`}
        >
          <span
            className={styles['twisty']}
            aria-hidden="true"
            onClick={(event) => {
              if (!hasChildren) return;
              event.stopPropagation();
              onToggle(row);
            }}
          >
            {hasChildren && <Icon name={isCollapsed ? 'chevron-right' : 'chevron-down'} size={12} />}
          </span>
          <CategorySwatch category={categoryOfRow(model, row)} />
          <span className={hasFailed(model, row) ? styles['failed'] : styles['text']}>{name}</span>
          {label !== '' && <span className={styles['label']}>{label}</span>}
          {isLane && <span className={styles['hidden']}>after the response</span>}
          {isCollapsed && hasChildren && <span className={styles['hidden']}>+{descendants(model, row)}</span>}
          {hasFailed(model, row) && (
            <span className={styles['alert']}>
              <Icon name="alert" size={12} />
              <span className="sr-only">failed</span>
            </span>
          )}
        </span>
      </td>
      <td className={styles['took']}>
        {formatDuration(durationOf(model, row))}
        {pathNs > 0 && <span className="sr-only">, {formatDuration(pathNs)} on the critical path</span>}
      </td>
      <td />
    </tr>
  );
});

function descendants(model: TraceModel, row: number): number {
  const position = model.position[row]!;
  return model.subtreeEnd[position]! - position - 1;
}
