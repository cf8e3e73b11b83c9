import type { CapturedMessage } from '@gatescope/protocol';
import { useMemo, useState } from 'react';
import { formatBytes } from '../engine/byte-format.ts';
import { grouped } from '../engine/duration-format.ts';
import { bodyRedactions, bodyText, isSameBody } from '../engine/payload-view.ts';
import type { BodyView } from '../engine/trace-url.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import styles from './payload-body.module.css';

interface Props {
  readonly message: CapturedMessage;
  readonly before: CapturedMessage | null;
  readonly view: BodyView;
  readonly label: string;
}

/** Characters of a body that are there at first, and at most. */
const FIRST = 8_000;
const MOST = 400_000;

/** A body as text, never as what its type says it is. */
export function PayloadBody({ message, before, view, label }: Props) {
  const { body } = message;
  const [most, setMost] = useState(FIRST);
  const text = useMemo(() => (body === null ? '' : bodyText(body, view)), [body, view]);
  if (body === null) return <p className={styles['none']}>No body was captured.</p>;
  const isSame = before !== null && before.body !== null && isSameBody(body, before.body);
  return (
    <div className={styles['body']}>
      <p className={styles['facts']}>
        <strong>{visibleText(cutText(body.content_type ?? 'no content type', 120))}</strong>
        <span title={`${grouped(body.size_bytes)} bytes`}>{formatBytes(body.size_bytes)}</span>
        {body.content_encoding !== null && (
          <span>decoded from {visibleText(cutText(body.content_encoding, 40))}</span>
        )}
        {body.truncated && (
          <Badge tone="warn">
            {body.captured_bytes === body.size_bytes
              ? 'not read to its end'
              : `cut: the first ${formatBytes(body.captured_bytes)} of ${formatBytes(body.size_bytes)}`}
          </Badge>
        )}
        {bodyRedactions(message).map(([word, count]) => (
          <Badge key={word}>
            redacted · {word}
            {count > 1 && ` × ${grouped(count)}`}
          </Badge>
        ))}
        {isSame && <span>passed on unchanged</span>}
        {text !== '' && <CopyButton text={text} label={`Copy the body ${label}`} />}
      </p>
      {text === '' ? (
        <p className={styles['none']}>
          {body.truncated ? 'Nothing of the body was read.' : 'The body is empty.'}
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
        <section className={styles['text']} tabIndex={0} aria-label={`Body ${label}`}>
          <pre>{visibleText(cutText(text, most))}</pre>
        </section>
      )}
      {text.length > most && (
        <p className={styles['none']}>
          {grouped(most)} of {grouped(text.length)} characters
          {most < MOST && <Button onClick={() => setMost(MOST)}>Show more</Button>}
        </p>
      )}
    </div>
  );
}
