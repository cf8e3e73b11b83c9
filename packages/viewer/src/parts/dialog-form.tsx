import type { FormEvent, ReactNode } from 'react';
import { Button } from './button.tsx';
import styles from './dialog-form.module.css';
import { ProblemNotice } from './notice.tsx';

interface Props {
  /** What the button that sends it says. */
  readonly action: string;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onSubmit: (event: FormEvent) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Fields in a dialog, with what was refused and the buttons below them. */
export function DialogForm({ action, isBusy, error, onSubmit, onClose, children }: Props) {
  return (
    <form className={styles['form']} onSubmit={onSubmit}>
      {children}
      {error !== null && <ProblemNotice error={error} />}
      <div className={styles['buttons']}>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" disabled={isBusy}>
          {action}
        </Button>
      </div>
    </form>
  );
}
