import type { ConfigRemark } from '../engine/config-marks.ts';
import { grouped } from '../engine/duration-format.ts';
import { sentence } from '../engine/sentence.ts';
import { Icon } from '../parts/icons.tsx';
import styles from './config-remarks.module.css';

/** Remarks shown, at most. */
const MOST = 50;

/** What is wrong with a configuration; each that has a place leads there. */
export function ConfigRemarks({
  remarks,
  onJump,
}: {
  readonly remarks: readonly ConfigRemark[];
  readonly onJump: (at: number) => void;
}) {
  return (
    <ul className={styles['list']}>
      {remarks.slice(0, MOST).map((remark) => (
        <li key={`${remark.where}:${remark.path}:${remark.message}`} className={styles[remark.severity]}>
          <Icon name="alert" />
          <div>
            <p>
              <span className="sr-only">{remark.severity === 'error' ? 'Error: ' : 'Warning: '}</span>
              {sentence(remark.message)}
            </p>
            {remark.suggestion !== '' && <p className={styles['hint']}>{sentence(remark.suggestion)}</p>}
            <p className={styles['place']}>
              {remark.from !== null && (
                <button type="button" onClick={() => onJump(remark.from!)}>
                  Line {remark.where.split(':')[0]}
                </button>
              )}
              {remark.path !== '' && <code>{remark.path}</code>}
            </p>
          </div>
        </li>
      ))}
      {remarks.length > MOST && <li>and {grouped(remarks.length - MOST)} more</li>}
    </ul>
  );
}
