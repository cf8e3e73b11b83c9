import { useState } from 'react';
import { Link } from 'wouter';
import { useMe, usePayloadCapture } from '../api/queries.ts';
import { paths } from '../engine/paths.ts';
import {
  type DraftErrors,
  LOG_LEVELS,
  type PayloadChoice,
  type SessionDraft,
} from '../engine/session-draft.ts';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icons.tsx';
import { RedactionRules } from '../parts/redaction-rules.tsx';
import { SanitizerPreview } from '../parts/sanitizer-preview.tsx';
import { Segments } from '../parts/segments.tsx';
import styles from './capture-fields.module.css';

const LEVEL_HINTS: Readonly<Record<string, string>> = {
  '': 'Spans alone.',
  debug: 'Every line the gateway can write of these requests; the node’s own log stays as it is.',
};
const PAYLOADS: readonly (readonly [PayloadChoice, string])[] = [
  ['off', 'Off'],
  ['headers', 'Headers'],
  ['bodies', 'Headers and bodies'],
];

interface Props {
  readonly draft: SessionDraft;
  readonly errors: DraftErrors;
  readonly onChange: (changed: Partial<SessionDraft>) => void;
}

/** What is kept besides spans: log lines, headers, bodies, and what is masked in them. */
export function CaptureFields({ draft, errors, onChange }: Props) {
  const capture = usePayloadCapture();
  const [isTrying, setIsTrying] = useState(false);
  const isOptedIn = capture.data?.enabled === true;
  return (
    <>
      <div className={styles['pair']}>
        <Field
          label="Logs"
          hint={LEVEL_HINTS[draft.logs] ?? `Lines of level ${draft.logs} and worse, tied to their span.`}
        >
          {(props) => (
            <select
              {...props}
              value={draft.logs}
              onChange={(event) => onChange({ logs: event.target.value })}
            >
              <option value="">Off</option>
              {LOG_LEVELS.map((level) => (
                <option key={level} value={level}>
                  {level === 'debug' ? 'All, from debug' : `From ${level}`}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className={styles['payload']}>
          <div className={styles['label']}>Payload</div>
          <Segments
            label="Payload"
            value={draft.payload}
            options={PAYLOADS}
            disabled={isOptedIn || draft.payload !== 'off' ? [] : ['headers', 'bodies']}
            onChange={(payload) => onChange({ payload })}
          />
          <OptInState />
        </div>
      </div>
      {draft.payload === 'bodies' && (
        <Field
          label="Kept of every body, KiB"
          error={errors.capture}
          hint="What is longer is cut, and says so"
        >
          {(props) => (
            <input
              {...props}
              inputMode="decimal"
              value={draft.bodyKib}
              onChange={(event) => onChange({ bodyKib: event.target.value })}
            />
          )}
        </Field>
      )}
      {(draft.payload !== 'off' || draft.logs !== '' || draft.redact.length > 0) && (
        <div className={styles['redaction']}>
          <div>
            <div className={styles['label']}>Masked besides the usual</div>
            <p className={styles['hint']}>
              Credentials and card numbers are masked on the node, always. These rules add to that and to your
              organisation’s.
            </p>
          </div>
          <RedactionRules rules={draft.redact} onChange={(redact) => onChange({ redact })} />
          <details className={styles['details']} onToggle={(event) => setIsTrying(event.currentTarget.open)}>
            <summary>Try it on a payload</summary>
            {isTrying && <SanitizerPreview rules={draft.redact} />}
          </details>
        </div>
      )}
    </>
  );
}

/** Whether the organisation opted in, and what to do where it did not. */
function OptInState() {
  const capture = usePayloadCapture();
  const me = useMe();
  if (capture.data === undefined) {
    return capture.isError ? (
      <p className={styles['hint']}>Whether payloads may be captured can’t be told.</p>
    ) : null;
  }
  if (capture.data.enabled) {
    return (
      <p className={styles['hint']}>
        <Icon name="check" size={12} /> Your organisation has opted in.
        {me.data?.payload_read === false && ' You may capture payloads but not read them.'}
      </p>
    );
  }
  return (
    <p className={styles['hint']}>
      Your organisation has not opted in.{' '}
      {me.data?.role === 'org_admin' ? (
        <Link href={paths.settings('payload-capture')}>Opt in first</Link>
      ) : (
        'An organisation admin can do that in the settings.'
      )}
    </p>
  );
}
