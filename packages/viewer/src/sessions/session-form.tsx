import { SESSION_LIMITS } from '@gatescope/protocol';
import { useEntities } from '../api/queries.ts';
import { formatSeconds, grouped } from '../engine/duration-format.ts';
import { routesOfService } from '../engine/entity-options.ts';
import type { DraftErrors, SessionDraft } from '../engine/session-draft.ts';
import { Field } from '../parts/field.tsx';
import { CaptureFields } from './capture-fields.tsx';
import { EntitySelect } from './entity-select.tsx';
import { FormSection } from './form-section.tsx';
import { NodePicker } from './node-picker.tsx';
import { RuleFields } from './rule-fields.tsx';
import styles from './session-form.module.css';

interface Props {
  readonly cp: string;
  readonly draft: SessionDraft;
  readonly errors: DraftErrors;
  readonly onChange: (changed: Partial<SessionDraft>) => void;
}

/** Every field of a session: what is traced, where, for how long. */
export function SessionForm({ cp, draft, errors, onChange }: Props) {
  const entities = useEntities(cp);
  const { services = [], routes = [] } = entities.data ?? {};
  return (
    <>
      <FormSection title="Nodes" text="The data planes that trace.">
        <NodePicker
          cp={cp}
          chosen={draft.nodes}
          error={errors.nodes}
          onChange={(nodes) => onChange({ nodes })}
        />
      </FormSection>
      <FormSection
        title="Requests"
        text="Only what matches all of this is traced; everything else runs untouched."
      >
        <div className={styles['pair']}>
          <EntitySelect
            label="Service"
            every="Every service"
            options={services}
            value={draft.service}
            error={errors.service}
            onChange={(service) => onChange({ service, route: '' })}
          />
          <EntitySelect
            label="Route"
            every={draft.service === '' ? 'Every route' : 'Every route of the service'}
            options={routesOfService(routes, services, draft.service)}
            value={draft.route}
            error={errors.route}
            onChange={(route) => onChange({ route })}
          />
        </div>
        <RuleFields cp={cp} rule={draft.rule} onChange={(rule) => onChange({ rule })} />
      </FormSection>
      <FormSection title="Capture" text="What is kept besides the spans.">
        <CaptureFields draft={draft} errors={errors} onChange={onChange} />
      </FormSection>
      <FormSection title="Limits" text="The session ends at whichever is reached first.">
        <div className={styles['numbers']}>
          <Field label="Duration in seconds" error={errors.duration_seconds} hint={durationHint(draft)}>
            {(props) => (
              <input
                {...props}
                inputMode="numeric"
                value={draft.durationSeconds}
                onChange={(event) => onChange({ durationSeconds: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="Most traces"
            error={errors.max_traces}
            hint={`Over all nodes; up to ${grouped(SESSION_LIMITS.maxTracesMax)}`}
          >
            {(props) => (
              <input
                {...props}
                inputMode="numeric"
                value={draft.maxTraces}
                onChange={(event) => onChange({ maxTraces: event.target.value })}
              />
            )}
          </Field>
          <Field label="Share in percent" error={errors.rate} hint="Of the requests that match">
            {(props) => (
              <input
                {...props}
                inputMode="decimal"
                value={draft.ratePercent}
                onChange={(event) => onChange({ ratePercent: event.target.value })}
              />
            )}
          </Field>
        </div>
        <Field label="Name" error={errors.name} hint="For the list of sessions; may be left empty">
          {(props) => (
            <input
              {...props}
              value={draft.name}
              onChange={(event) => onChange({ name: event.target.value })}
            />
          )}
        </Field>
      </FormSection>
    </>
  );
}

function durationHint({ durationSeconds }: SessionDraft): string {
  const seconds = Number(durationSeconds);
  const most = `up to ${formatSeconds(SESSION_LIMITS.durationSecondsMax)}`;
  return seconds > 0 && Number.isFinite(seconds) ? `${formatSeconds(seconds)}; ${most}` : most;
}
