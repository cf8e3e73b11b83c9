import type { CapturedMessage } from '@gatescope/protocol';
import { useMemo, useState } from 'react';
import { grouped } from '../engine/duration-format.ts';
import { type HeaderChange, headerChanges } from '../engine/payload-view.ts';
import type { BodyView } from '../engine/trace-url.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Panel } from '../parts/panel.tsx';
import { PayloadBody } from './payload-body.tsx';
import styles from './payload-side.module.css';

interface Props {
  readonly title: string;
  readonly message: CapturedMessage | null;
  /** What it was made from; null where it came from outside. */
  readonly before: CapturedMessage | null;
  readonly view: BodyView;
}

/** Headers of a message that are there at first, and characters of a value. */
const HEADERS = 30;
const VALUE_MAX = 2_000;

/** One message: its headers, marked where the gateway changed them, and its body. */
export function PayloadSide({ title, message, before, view }: Props) {
  const [shown, setShown] = useState(HEADERS);
  const changes = useMemo(() => (message === null ? [] : headerChanges(message, before)), [message, before]);
  if (message === null)
    return (
      <Panel title={title}>
        <p className={styles['none']}>There was no such message, or it was not captured.</p>
      </Panel>
    );
  const changed = changes.filter(({ kind }) => kind !== 'same').length;
  return (
    <Panel
      title={title}
      end={
        before !== null && (
          <span className={styles['note']}>
            {changed === 0
              ? 'headers as they came'
              : `${grouped(changed)} of ${grouped(changes.length)} headers differ`}
          </span>
        )
      }
    >
      <table className={styles['headers']} aria-label={`Headers ${title.toLowerCase()}`}>
        <tbody>
          {changes.slice(0, shown).map((change, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a name may come several times, and the headers of a message never move
            <Header key={index} change={change} />
          ))}
        </tbody>
      </table>
      {changes.length > shown && (
        <Button onClick={() => setShown(Number.POSITIVE_INFINITY)}>
          Show {grouped(changes.length - shown)} more headers
        </Button>
      )}
      <PayloadBody message={message} before={before} view={view} label={title.toLowerCase()} />
    </Panel>
  );
}

const MARKS = { same: '', added: '+', removed: '−', changed: '~' } as const;

function Header({ change }: { readonly change: HeaderChange }) {
  const { kind, name, value, was, redactedBy } = change;
  return (
    <tr className={styles[kind]}>
      <td className={styles['mark']}>
        {kind !== 'same' && (
          <>
            <span aria-hidden="true">{MARKS[kind]}</span>
            <span className="sr-only">{kind}</span>
          </>
        )}
      </td>
      <th scope="row">{visibleText(cutText(name, 200))}</th>
      <td className={styles['value']}>
        {kind === 'removed' ? <del>{text(value)}</del> : text(value)}
        {redactedBy.map((word) => (
          <Badge key={word}>redacted · {word}</Badge>
        ))}
        {was !== null && (
          <span className={styles['was']}>
            was <del>{text(was)}</del>
          </span>
        )}
      </td>
    </tr>
  );
}

function text(value: string): string {
  return visibleText(cutText(value, VALUE_MAX));
}
