import { type ReactNode, useEffect, useId, useRef } from 'react';
import styles from './dialog.module.css';

interface Props {
  readonly isOpen: boolean;
  readonly title: string;
  /** Its title is for screen readers alone. */
  readonly isTitleHidden?: boolean;
  readonly isWide?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** What is shown in front of everything else until it is closed, by Escape or a click beside it too. */
export function Dialog({ isOpen, title, isTitleHidden = false, isWide = false, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the key is Escape, and the browser's own
    <dialog
      ref={dialog}
      className={`${styles['dialog']} ${isWide ? styles['wide'] : ''}`}
      aria-labelledby={isOpen ? titleId : undefined}
      onClose={onClose}
      onClick={(event) => {
        // The dialog itself is hit only beside its content.
        if (event.target === dialog.current) onClose();
      }}
    >
      {isOpen && (
        <div className={styles['content']}>
          <h2 id={titleId} className={isTitleHidden ? 'sr-only' : undefined}>
            {title}
          </h2>
          {children}
        </div>
      )}
    </dialog>
  );
}
