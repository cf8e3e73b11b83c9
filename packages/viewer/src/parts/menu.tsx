import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';
import styles from './menu.module.css';

interface Props {
  readonly label: ReactNode;
  /** Links and buttons made by `MenuLink` and `MenuButton`. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a list of things to do: arrows move, Escape closes, and so does a click elsewhere. */
export function Menu({ label, children }: Props) {
  const [isOpen, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const close = () => setOpen(false);
  useEffect(() => {
    if (!isOpen) return;
    itemsOf(frame.current)[0]?.focus();
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !frame.current?.contains(event.target)) setOpen(false);
    };
    window.addEventListener('pointerdown', onPointerDown);
    return () => window.removeEventListener('pointerdown', onPointerDown);
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isOpen) return;
    const items = itemsOf(frame.current);
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'ArrowDown') items[(at + 1) % items.length]?.focus();
    else if (event.key === 'ArrowUp') items[(at - 1 + items.length) % items.length]?.focus();
    else if (event.key === 'Home') items[0]?.focus();
    else if (event.key === 'End') items.at(-1)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') {
      close();
      frame.current?.querySelector('button')?.focus();
      if (event.key === 'Tab') return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it hears the keys of the items in it
    <div ref={frame} className={styles['frame']} onKeyDown={onKeyDown}>
      <Button kind="quiet" aria-haspopup="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {label}
        <Icon name="chevron-down" size={12} />
      </Button>
      {isOpen && (
        <div role="menu" className={styles['menu']}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

/** A heading within a menu. */
export function MenuTitle({ children }: { readonly children: ReactNode }) {
  return <p className={styles['title']}>{children}</p>;
}

interface LinkProps {
  readonly href: string;
  /** The name that the file gets. */
  readonly download: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

/** A file to download. */
export function MenuDownload({ href, download, onClick, children }: LinkProps) {
  return (
    <a
      role="menuitem"
      tabIndex={-1}
      href={href}
      download={download}
      className={styles['item']}
      onClick={onClick}
    >
      {children}
    </a>
  );
}

/** Something to do. */
export function MenuButton({
  onClick,
  children,
}: {
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <button type="button" role="menuitem" tabIndex={-1} className={styles['item']} onClick={onClick}>
      {children}
    </button>
  );
}

function itemsOf(frame: HTMLElement | null): HTMLElement[] {
  return [...(frame?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
}
