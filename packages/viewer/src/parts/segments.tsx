import { useId } from 'react';
import styles from './segments.module.css';

interface Props<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  /** Options that can't be chosen now. */
  readonly disabled?: readonly T[];
  readonly onChange: (value: T) => void;
}

/** One of a few, all of them in sight: radio buttons that look like a switch. */
export function Segments<T extends string>(props: Props<T>) {
  const { label, value, options, disabled = [], onChange } = props;
  const name = useId();
  return (
    <fieldset className={styles['segments']}>
      <legend className="sr-only">{label}</legend>
      {options.map(([option, text]) => (
        <label key={option} className={styles['segment']}>
          <input
            type="radio"
            name={name}
            checked={option === value}
            disabled={disabled.includes(option)}
            onChange={() => onChange(option)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
