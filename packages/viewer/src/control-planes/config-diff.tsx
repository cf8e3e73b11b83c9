import { grouped } from '../engine/duration-format.ts';
import { type DiffLine, diffHunks } from '../engine/line-diff.ts';
import styles from './config-diff.module.css';

const SIGNS: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', added: '+', removed: '−' };
const SAID: Readonly<Record<DiffLine['kind'], string>> = { same: '', added: 'added: ', removed: 'removed: ' };

/** What a text changes, line by line, with a few equal lines around each change. */
export function ConfigDiff({ lines }: { readonly lines: readonly DiffLine[] }) {
  const hunks = diffHunks(lines);
  if (hunks.length === 0) return <p className={styles['none']}>It is the configuration in force.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that keys must reach it
    <section className={styles['frame']} aria-label="Changes to the configuration in force" tabIndex={0}>
      <table className={styles['table']}>
        {hunks.map(({ skipped, lines: shown }) => (
          <tbody key={shown[0] === undefined ? 'end' : `${shown[0].before}:${shown[0].after}`}>
            {skipped > 0 && (
              <tr className={styles['skipped']}>
                <td colSpan={4}>{skipped === 1 ? '1 equal line' : `${grouped(skipped)} equal lines`}</td>
              </tr>
            )}
            {shown.map(({ kind, text, before, after }) => (
              <tr key={`${before}:${after}`} className={styles[kind]}>
                <td className={styles['number']}>{before}</td>
                <td className={styles['number']}>{after}</td>
                <td className={styles['sign']} aria-hidden="true">
                  {SIGNS[kind]}
                </td>
                <td className={styles['text']}>
                  <span className="sr-only">{SAID[kind]}</span>
                  {text}
                </td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </section>
  );
}
