import { useState } from 'react';
import { grouped } from '../engine/duration-format.ts';
import { cutText, visibleText } from '../engine/visible-text.ts';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import styles from './long-text.module.css';

/** Characters shown at first, and at most: a browser takes seconds to lay out a million. */
const FIRST = 1_000;
const MOST = 50_000;

/** A text of any length, as it is: its beginning, with more on demand and all of it to copy. */
export function LongText({ text, label }: { readonly text: string; readonly label: string }) {
  const [shown, setShown] = useState(FIRST);
  if (text.length <= FIRST) return <bdi className={styles['text']}>{visibleText(text)}</bdi>;
  return (
    <>
      <bdi className={styles['text']}>{visibleText(cutText(text, shown))}</bdi>
      <span className={styles['rest']}>
        {grouped(Math.min(shown, text.length))} of {grouped(text.length)} characters
        {shown < Math.min(text.length, MOST) && <Button onClick={() => setShown(MOST)}>Show more</Button>}
        <CopyButton text={text} label={`Copy all of ${label}`}>
          Copy all
        </CopyButton>
      </span>
    </>
  );
}
