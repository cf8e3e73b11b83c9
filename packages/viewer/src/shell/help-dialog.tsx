import { Dialog } from '../parts/dialog.tsx';
import styles from './help-dialog.module.css';

/** Keys by where they work. */
const KEYS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'Everywhere',
    [
      ['Ctrl K', 'go somewhere, do something'],
      ['?', 'this list'],
      ['Ctrl ↵', 'start the session, in its form'],
    ],
  ],
  [
    'A trace',
    [
      ['1 2 3 4', 'summary, spans, logs, payload'],
      ['[ ]', 'trace above, below in the list'],
    ],
  ],
  [
    'Logs',
    [
      ['/', 'text in the log'],
      ['j k ↑ ↓', 'next, previous line'],
      ['g', 'the span of the line'],
    ],
  ],
  [
    'Spans',
    [
      ['/', 'filter; Enter goes back to the spans'],
      ['n N', 'next, previous match'],
      ['j k ↑ ↓', 'next, previous span'],
      ['← →', 'fold, unfold'],
      ['!', 'next failed span'],
      ['p', 'critical path'],
      ['f', 'the whole trace'],
      ['Ctrl wheel', 'zoom'],
      ['Esc', 'close the span'],
    ],
  ],
];
const FILTERS: readonly (readonly [string, string])[] = [
  ['cors', 'in the name'],
  ['plugin:cors phase:access', 'by plugin, by phase'],
  ['dur>5ms', 'by duration'],
  ['status=error', 'failed ones'],
  ['attr.http.route=orders*', 'by attribute: = != ~ > < or alone'],
  ['-dns', 'all others'],
];

/** Every key, and what a filter of spans may ask. */
export function HelpDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} title="Keys" isWide onClose={onClose}>
      <div className={styles['columns']}>
        {KEYS.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl className={styles['list']}>
              {keys.map(([key, meaning]) => (
                <div key={key}>
                  <dt>
                    {key.split(' ').map((one) => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>Filter of spans</h3>
          <dl className={styles['list']}>
            {FILTERS.map(([text, meaning]) => (
              <div key={text}>
                <dt>
                  <code>{text}</code>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
