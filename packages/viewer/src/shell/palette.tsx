import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { useKnownSessions } from '../api/queries.ts';
import {
  matchingCommands,
  type PaletteAction,
  type PaletteCommand,
  paletteCommands,
} from '../engine/palette.ts';
import { placeOf } from '../engine/paths.ts';
import { Dialog } from '../parts/dialog.tsx';
import styles from './palette.module.css';

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onAction: (action: PaletteAction) => void;
}

/** Goes anywhere and does anything by a few letters of its name. */
export function Palette({ isOpen, onClose, onAction }: Props) {
  return (
    <Dialog isOpen={isOpen} title="Go to or do" isTitleHidden isWide onClose={onClose}>
      <PaletteContent onClose={onClose} onAction={onAction} />
    </Dialog>
  );
}

function PaletteContent({ onClose, onAction }: Omit<Props, 'isOpen'>) {
  const id = useId();
  const [path, navigate] = useLocation();
  const place = useMemo(() => placeOf(path), [path]);
  const sessions = useKnownSessions(place.cp);
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const commands = useMemo(() => paletteCommands(place, sessions), [place, sessions]);
  const found = matchingCommands(commands, query);
  const run = ({ does }: PaletteCommand) => {
    onClose();
    if ('href' in does) navigate(does.href);
    else onAction(does.action);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = found[active];
    if (event.key === 'ArrowDown') setActive((active + 1) % Math.max(1, found.length));
    else if (event.key === 'ArrowUp') setActive((active + found.length - 1) % Math.max(1, found.length));
    else if (event.key === 'Enter' && chosen !== undefined) run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        // biome-ignore lint/a11y/noAutofocus: a dialog whose purpose is to be typed into
        autoFocus
        className={styles['input']}
        role="combobox"
        aria-label="Go to or do"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${active}` : undefined}
        placeholder="Go to a session, a page; do something"
        spellCheck={false}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}-list`} role="listbox" aria-label="Commands" className={styles['list']}>
        {found.map((command, index) => (
          <div
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className={styles['option']}
            onPointerMove={() => setActive(index)}
            onClick={() => run(command)}
            onKeyDown={undefined}
          >
            <span className={styles['title']}>{command.title}</span>
            <span className={styles['about']}>{command.about}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p role="status" className={styles['about']}>
          Nothing is called that.
        </p>
      )}
    </>
  );
}
