import { type EntityOption, keyOf } from '../engine/entity-options.ts';
import { Field } from '../parts/field.tsx';

interface Props {
  readonly label: string;
  /** What choosing none of them means. */
  readonly every: string;
  readonly options: readonly EntityOption[];
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** Chooses a service or route of the configuration in force. What a link asked for stays, also where it is unknown. */
export function EntitySelect({ label, every, options, value, error, onChange }: Props) {
  const chosen = options.find((option) => option.id === value || option.name === value);
  const selected = chosen === undefined ? value : keyOf(chosen, options);
  return (
    <Field label={label} error={error}>
      {(props) => (
        <select {...props} value={selected} onChange={(event) => onChange(event.target.value)}>
          <option value="">{every}</option>
          {chosen === undefined && value !== '' && (
            <option value={value}>{value} (not in the configuration)</option>
          )}
          {options.map((option) => (
            <option key={option.id} value={keyOf(option, options)}>
              {option.name ?? option.id}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
