import type { Rights } from '../api/api.ts';
import { useControlPlanes, useMe } from '../api/queries.ts';
import { grantableRoles, ROLE_HINTS, ROLE_LABELS } from '../engine/rights-words.ts';
import { Field } from '../parts/field.tsx';
import styles from './settings-list.module.css';

/** Role, control planes and whether payloads may be read; never more than one has. */
export function RightsFields({
  rights,
  onChange,
}: {
  readonly rights: Rights;
  readonly onChange: (rights: Rights) => void;
}) {
  const me = useMe().data;
  const controlPlanes = useControlPlanes().data ?? [];
  const change = (changed: Partial<Rights>) => onChange({ ...rights, ...changed });
  const chosen = rights.control_planes;
  return (
    <div className={styles['rights']}>
      <Field label="Role" hint={ROLE_HINTS[rights.role]}>
        {(props) => (
          <select
            {...props}
            value={rights.role}
            onChange={(event) => change({ role: event.target.value as Rights['role'] })}
          >
            {grantableRoles(me?.role ?? 'viewer').map((role) => (
              <option key={role} value={role}>
                {ROLE_LABELS[role]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <fieldset>
        <legend>Control planes</legend>
        {me?.control_planes === 'all' && (
          <label className={styles['choice']}>
            <input
              type="checkbox"
              checked={chosen === 'all'}
              onChange={(event) => change({ control_planes: event.target.checked ? 'all' : [] })}
            />
            All, also those to come
          </label>
        )}
        {chosen !== 'all' && (
          <div className={styles['planes']}>
            {controlPlanes.map(({ id, name }) => (
              <label key={id} className={styles['choice']}>
                <input
                  type="checkbox"
                  checked={chosen.includes(name)}
                  onChange={(event) =>
                    change({
                      control_planes: event.target.checked
                        ? [...chosen, name]
                        : chosen.filter((one) => one !== name),
                    })
                  }
                />
                {name}
              </label>
            ))}
          </div>
        )}
      </fieldset>
      <label className={styles['choice']}>
        <input
          type="checkbox"
          checked={rights.payload_read}
          disabled={me?.payload_read !== true}
          onChange={(event) => change({ payload_read: event.target.checked })}
        />
        May read captured payloads; every reading is in the audit log
      </label>
    </div>
  );
}
