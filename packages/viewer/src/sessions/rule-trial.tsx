import { useRuleTrial } from '../api/rule-trial.ts';
import { formatDuration, grouped } from '../engine/duration-format.ts';
import type { SessionDraft } from '../engine/session-draft.ts';
import { relativeText } from '../engine/wall-time.ts';
import { StatusBadge } from '../parts/badge.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useDebounced } from '../parts/use-debounced.ts';
import { useNow } from '../parts/use-now.ts';
import { RejectingTerm } from './rejecting-term.tsx';
import styles from './rule-trial.module.css';
import { useCheckedRule } from './use-checked-rule.ts';

const CALM_MS = 250;
const EXAMPLES = 6;

/** How many of the traces that are kept the form's requests would be, and the newest of them. */
export function RuleTrial({ cp, draft }: { readonly cp: string; readonly draft: SessionDraft }) {
  const rule = useDebounced(draft.rule.trim(), CALM_MS);
  const checked = useCheckedRule(rule);
  const isValid = rule === '' || checked?.valid === true;
  const trial = useRuleTrial(cp, isValid ? rule : null);
  const now = useNow(10_000);
  const matches = (trial.data?.matches ?? []).filter(
    ({ service, route }) =>
      (draft.service === '' || service === draft.service) && (draft.route === '' || route === draft.route),
  );
  const total = trial.data?.total ?? 0;
  return (
    <section className={styles['trial']} aria-labelledby="rule-trial">
      <h2 id="rule-trial">Tried on recent requests</h2>
      {checked?.valid === false && <p className={styles['muted']}>The rule has to be valid first.</p>}
      {isValid && trial.isError && <ProblemNotice error={trial.error} />}
      {isValid && trial.isPending && <p className={styles['muted']}>Trying …</p>}
      {isValid && trial.isSuccess && total === 0 && (
        <p className={styles['muted']}>No earlier session kept a trace to try the rule on.</p>
      )}
      {isValid && total > 0 && (
        <>
          <p className={styles['count']} role="status">
            <strong>{grouped(matches.length)}</strong> of {grouped(total)} match
          </p>
          <meter
            className={styles['meter']}
            min={0}
            max={total}
            value={matches.length}
            aria-label="Share that matches"
          />
          {matches.length < total && <RejectingTerm cp={cp} rule={rule} />}
          <ul className={styles['list']}>
            {matches.slice(0, EXAMPLES).map((trace) => (
              <li key={trace.id} title={`${trace.started_at} ${trace.method} ${trace.path}`}>
                <StatusBadge status={trace.status_code} />
                <span className={styles['request']}>
                  {trace.method} {trace.path}
                </span>
                <span className={styles['muted']}>{formatDuration(trace.duration_ms * 1e6)}</span>
              </li>
            ))}
          </ul>
          <p className={styles['note']}>
            The newest traces that sessions of this control plane kept
            {matches[0] !== undefined && `, the latest match ${relativeText(matches[0].started_at, now)}`}.
          </p>
        </>
      )}
    </section>
  );
}
