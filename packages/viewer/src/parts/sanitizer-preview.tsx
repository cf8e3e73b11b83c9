import type { RedactionRule } from '@gatescope/protocol';
import { useState } from 'react';
import { useSanitizerPreview } from '../api/queries.ts';
import { grouped } from '../engine/duration-format.ts';
import { headerLines, maskedPieces, previewedWord, typedHeaders } from '../engine/redaction.ts';
import { visibleText } from '../engine/visible-text.ts';
import { Field } from './field.tsx';
import { ProblemNotice } from './notice.tsx';
import styles from './sanitizer-preview.module.css';
import { useDebounced } from './use-debounced.ts';

const CALM_MS = 200;
const HEADERS =
  'content-type: application/json\nauthorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x\nx-request-id: 7f3a';
const BODY =
  '{\n  "item": 7,\n  "card": "4242-4242-4242-4242",\n  "customer": { "email": "ada@example.com" }\n}';

/** A payload to try redaction on: what is typed left, what would be kept of it right. */
export function SanitizerPreview({ rules }: { readonly rules: readonly RedactionRule[] }) {
  const [headers, setHeaders] = useState(HEADERS);
  const [body, setBody] = useState(BODY);
  const typed = typedHeaders(headers);
  const type = typed['content-type'];
  const preview = useSanitizerPreview(
    useDebounced(
      {
        headers: typed,
        body,
        content_type: typeof type === 'string' ? type : 'text/plain',
        rules,
      },
      CALM_MS,
    ),
  );
  return (
    <div className={styles['preview']}>
      <div className={styles['side']}>
        <Field label="Headers to try">
          {(props) => (
            <textarea
              {...props}
              rows={4}
              spellCheck={false}
              value={headers}
              onChange={(event) => setHeaders(event.target.value)}
            />
          )}
        </Field>
        <Field label="Body to try">
          {(props) => (
            <textarea
              {...props}
              rows={6}
              spellCheck={false}
              value={body}
              onChange={(event) => setBody(event.target.value)}
            />
          )}
        </Field>
      </div>
      <div className={styles['side']} aria-live="polite">
        {preview.data === undefined ? (
          preview.isError && <ProblemNotice error={preview.error} title="No preview" />
        ) : (
          <>
            <Kept label="Headers kept" text={headerLines(preview.data.headers)} />
            <Kept label="Body kept" text={preview.data.body ?? ''} />
            <ul className={styles['redactions']}>
              {preview.data.redactions.map(({ where, rule, count }) => (
                <li key={`${where}:${rule}`}>
                  <strong>{grouped(count)} ×</strong> {previewedWord(rule, rules)} <span>in {where}</span>
                </li>
              ))}
              {preview.data.redactions.length === 0 && <li>Nothing is masked.</li>}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}

function Kept({ label, text }: { readonly label: string; readonly text: string }) {
  let offset = 0;
  return (
    <div>
      <div className={styles['label']}>{label}</div>
      <pre className={styles['kept']}>
        {maskedPieces(visibleText(text)).map((piece) => {
          const key = offset;
          offset += piece.text.length;
          return piece.isMasked ? <mark key={key}>{piece.text}</mark> : <span key={key}>{piece.text}</span>;
        })}
      </pre>
    </div>
  );
}
