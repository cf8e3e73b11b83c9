import { type Dispatch, lazy, type SetStateAction, Suspense, useEffect, useState } from 'react';
import type { PaletteAction } from '../engine/palette.ts';
import { copyText } from '../parts/copy-text.ts';
import { isTyping } from '../parts/is-typing.ts';
import { chooseTheme } from './theme.ts';

const Palette = lazy(() => import('./palette.tsx').then(({ Palette: found }) => ({ default: found })));
const HelpDialog = lazy(() =>
  import('./help-dialog.tsx').then(({ HelpDialog: found }) => ({ default: found })),
);

export type ShellDialog = 'palette' | 'help' | null;

interface Props {
  readonly shown: ShellDialog;
  readonly onShow: Dispatch<SetStateAction<ShellDialog>>;
  readonly onSignOut: () => void;
}

/** What the keys of the shell open: the palette with Ctrl or ⌘ and K, the list of keys with `?`. */
export function ShellKeys({ shown, onShow, onSignOut }: Props) {
  // Once it was open it stays, so that it closes as a dialog does and gives the focus back.
  const [known, setKnown] = useState<ReadonlySet<ShellDialog>>(new Set());
  if (shown !== null && !known.has(shown)) setKnown(new Set([...known, shown]));
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && !event.shiftKey)
        onShow((now) => (now === 'palette' ? null : 'palette'));
      else if (event.key === '?' && !isTyping(event)) onShow('help');
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [onShow]);
  const onAction = (action: PaletteAction) => {
    if (action === 'help') onShow('help');
    else if (action === 'copy-link') void copyText(window.location.href);
    else if (action === 'sign-out') onSignOut();
    else chooseTheme(action);
  };
  // A dialog tells that it was closed some time after, when another may be open.
  const close = (which: ShellDialog) => onShow((now) => (now === which ? null : now));
  return (
    <>
      <Suspense>
        {known.has('palette') && (
          <Palette isOpen={shown === 'palette'} onClose={() => close('palette')} onAction={onAction} />
        )}
      </Suspense>
      <Suspense>
        {known.has('help') && <HelpDialog isOpen={shown === 'help'} onClose={() => close('help')} />}
      </Suspense>
    </>
  );
}
