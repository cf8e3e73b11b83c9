import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import styles from './confirm-dialog.module.css';
import { Dialog } from './dialog.tsx';
import { ProblemNotice } from './notice.tsx';

interface Props {
  readonly isOpen: boolean;
  readonly title: string;
  /** What the button that does it says. */
  readonly action: string;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Asks before something that can't be undone; Escape is no. */
export function ConfirmDialog({ isOpen, title, action, isBusy, error, onConfirm, onClose, children }: Props) {
  return (
    <Dialog isOpen={isOpen} title={title} onClose={onClose}>
      {children}
      {error !== null && <ProblemNotice error={error} />}
      <div className={styles['buttons']}>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="danger" onClick={onConfirm} disabled={isBusy}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
