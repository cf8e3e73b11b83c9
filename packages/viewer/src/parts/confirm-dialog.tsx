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
  /** How that button looks; red for what destroys something. */
  readonly kind?: 'danger' | 'primary';
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Asks before something that can't be undone; Escape is no. */
export function ConfirmDialog(props: Props) {
  const { isOpen, title, action, kind = 'danger', isBusy, error, onConfirm, onClose, children } = props;
  return (
    <Dialog isOpen={isOpen} title={title} onClose={onClose}>
      {children}
      {error !== null && <ProblemNotice error={error} />}
      <div className={styles['buttons']}>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind={kind} onClick={onConfirm} disabled={isBusy}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
