import { useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { copyText } from './copy-text.ts';
import { Icon } from './icons.tsx';

const SHOWN_MS = 1_600;

/** Copies a text; without `children` only a drawing, named by `label`. */
export function CopyButton({
  text,
  label,
  children,
}: {
  readonly text: string | (() => string);
  readonly label: string;
  readonly children?: string;
}) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    setOutcome((await copyText(typeof text === 'function' ? text() : text)) ? 'copied' : 'refused');
  };
  const said = outcome === null ? '' : outcome === 'copied' ? 'Copied' : 'The browser refused to copy';
  const icon = <Icon name={outcome === 'copied' ? 'check' : 'copy'} />;
  return (
    <>
      {children === undefined ? (
        <IconButton label={said === '' ? label : said} onClick={copy}>
          {icon}
        </IconButton>
      ) : (
        <Button onClick={copy} title={label}>
          {icon}
          {said === '' ? children : said}
        </Button>
      )}
      <span role="status" className="sr-only">
        {said}
      </span>
    </>
  );
}
