import type { LogLine } from '@gatescope/protocol';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { lineOffset, rowOfLine } from '../engine/log-filter.ts';
import { rowWindow, scrollToRow } from '../engine/row-window.ts';
import { nameOf, type TraceModel } from '../engine/trace-model.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import { RowGap } from '../parts/row-gap.tsx';
import { useElementSize } from '../parts/use-element-size.ts';
import { LevelBadge } from './level-badge.tsx';
import styles from './log-list.module.css';

/** Pixels; the style sheet has the same. */
const ROW_HEIGHT = 26;
const OVERSCAN = 6;
/** Characters of a message that a row holds; all of it is beside. */
const MESSAGE_MAX = 400;

interface Props {
  readonly model: TraceModel;
  readonly lines: readonly LogLine[];
  /** Index of the chosen line; -1 for none. */
  readonly chosen: number;
  readonly tree: RefObject<HTMLTableElement | null>;
  readonly onChoose: (line: LogLine) => void;
}

/** Lines of a log, of which only those in view exist. */
export function LogList({ model, lines, chosen, tree, onChoose }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const { height } = useElementSize(frame);
  const [scrollTop, setScrollTop] = useState(0);
  const { first, end } = rowWindow(scrollTop, height, ROW_HEIGHT, lines.length, OVERSCAN);
  useEffect(() => {
    const view = frame.current;
    if (view !== null && chosen >= 0)
      view.scrollTop = scrollToRow(chosen, view.scrollTop, view.clientHeight, ROW_HEIGHT);
  }, [chosen]);
  return (
    <div
      ref={frame}
      className={styles['frame']}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
    >
      <table
        ref={tree}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows and cells of a table are those of a grid
        role="grid"
        aria-label="Log, newest first"
        aria-rowcount={lines.length}
        aria-activedescendant={chosen >= first && chosen < end ? `log-${chosen}` : undefined}
        tabIndex={0}
        className={styles['list']}
      >
        <tbody>
          <RowGap height={first * ROW_HEIGHT} />
          {lines.slice(first, end).map((line, offset) => {
            const index = first + offset;
            const row = rowOfLine(line, model);
            return (
              <tr
                key={index}
                id={`log-${index}`}
                aria-rowindex={index + 1}
                aria-selected={index === chosen}
                className={index === chosen ? styles['selected'] : undefined}
                onClick={() => onChoose(line)}
              >
                <td className={styles['time']}>{lineOffset(line, model.skeleton.origin_unix_nano)}</td>
                <td className={styles['level']}>
                  <LevelBadge level={line.level} />
                </td>
                <td className={styles['word']}>{visibleText(cutText(line.type, 40))}</td>
                <td className={styles['word']}>{visibleText(cutText(line.source, 60))}</td>
                <td className={styles['message']}>{visibleText(cutText(line.message, MESSAGE_MAX))}</td>
                <td className={styles['span']}>{row < 0 ? '' : nameOf(model, row)}</td>
              </tr>
            );
          })}
          <RowGap height={(lines.length - end) * ROW_HEIGHT} />
        </tbody>
      </table>
      {lines.length === 0 && <p className={styles['none']}>No line passes the filters.</p>}
    </div>
  );
}
