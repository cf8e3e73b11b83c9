import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './button.tsx';
import styles from './confirm-dialog.module.css';
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
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      className={styles['dialog']}
      aria-labelledby={isOpen ? titleId : undefined}
      onClose={onClose}
    >
      {isOpen && (
        <div className={styles['content']}>
          <h2 id={titleId}>{title}</h2>
          {children}
          {error !== null && <ProblemNotice error={error} />}
          <div className={styles['buttons']}>
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="danger" onClick={onConfirm} disabled={isBusy}>
              {action}
            </Button>
          </div>
        </div>
      )}
    </dialog>
  );
}
