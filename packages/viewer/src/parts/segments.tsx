import { useId } from 'react';
import styles from './segments.module.css';

interface Props<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}

/** One of a few, all of them in sight: radio buttons that look like a switch. */
export function Segments<T extends string>({ label, value, options, onChange }: Props<T>) {
  const name = useId();
  return (
    <fieldset className={styles['segments']}>
      <legend className="sr-only">{label}</legend>
      {options.map(([option, text]) => (
        <label key={option} className={styles['segment']}>
          <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
