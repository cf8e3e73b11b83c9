import { type ReactNode, useEffect, useEffectEvent, useId, useRef, useState } from 'react';
import { Button } from './button.tsx';
import styles from './drop-zone.module.css';
import { Icon } from './icons.tsx';

interface Props {
  readonly title: string;
  /** What the file dialog offers. */
  readonly accept: string;
  readonly onFile: (file: File) => void;
  readonly children: ReactNode;
}

/** Takes a file: dropped anywhere on the page, or chosen. */
export function DropZone({ title, accept, onFile, children }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const id = useId();
  const take = useEffectEvent((file: File | undefined) => {
    setOver(false);
    if (file !== undefined) onFile(file);
  });
  useEffect(() => {
    const onDrag = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === 'dragover');
    };
    const onDrop = (event: DragEvent) => {
      event.preventDefault();
      take(event.dataTransfer?.files[0]);
    };
    window.addEventListener('dragover', onDrag);
    window.addEventListener('dragleave', onDrag);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onDrag);
      window.removeEventListener('dragleave', onDrag);
      window.removeEventListener('drop', onDrop);
    };
  }, []);
  return (
    <div className={isOver ? styles['over'] : styles['zone']}>
      <Icon name="download" size={22} />
      <p className={styles['title']}>{title}</p>
      <p id={id} className={styles['text']}>
        {children}
      </p>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        onChange={(event) => {
          take(event.target.files?.[0]);
          // The same file again is a change too.
          event.target.value = '';
        }}
      />
      <Button kind="primary" aria-describedby={id} onClick={() => input.current?.click()}>
        Choose a file
      </Button>
    </div>
  );
}
