import type { RuleCompletion } from '../engine/rule-completion.ts';
import styles from './rule-completions.module.css';

interface Props {
  /** Of the control that the list belongs to. */
  readonly id: string;
  readonly completions: readonly RuleCompletion[];
  readonly active: number;
  readonly onTake: (completion: RuleCompletion) => void;
}

const KNOWN: Readonly<Record<string, string>> = {
  connection: 'when the connection is there',
  request: 'when the request is read',
  route: 'when the route is found',
  consumer: 'when the consumer is known',
  response: 'when the response begins',
  end: 'at the end',
};

/** Fields that can be written here, with their type and when they are known. */
export function RuleCompletions({ id, completions, active, onTake }: Props) {
  return (
    <div
      id={`${id}-fields`}
      role="listbox"
      aria-label="Fields"
      className={styles['list']}
      hidden={completions.length === 0}
    >
      {completions.map((completion, index) => (
        <div
          key={completion.field.name}
          id={`${id}-field-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          className={styles['option']}
          onPointerDown={(event) => {
            event.preventDefault();
            onTake(completion);
          }}
        >
          <code>{completion.field.written}</code>
          <span className={styles['type']}>{completion.field.type}</span>
          <span className={styles['about']}>
            {completion.field.description}; known {KNOWN[completion.field.stage]}
          </span>
        </div>
      ))}
    </div>
  );
}
