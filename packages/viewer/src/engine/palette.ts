import type { Session } from '@gatescope/protocol';
import { type Place, paths } from './paths.ts';
import { sessionName } from './session-words.ts';

/** Something the palette does without leading anywhere. */
export type PaletteAction = 'light' | 'dark' | 'system' | 'help' | 'copy-link' | 'sign-out';

/** One line of the palette. */
export interface PaletteCommand {
  readonly id: string;
  readonly title: string;
  /** What kind of thing it is, or where it leads. */
  readonly about: string;
  readonly does: { readonly href: string } | { readonly action: PaletteAction };
}

/** Lines shown, at most. */
const MOST = 12;

/** Everything that can be done from a place, the nearest first; `sessions` are those of the control plane, newest first. */
export function paletteCommands(place: Place, sessions: readonly Session[]): PaletteCommand[] {
  const { cp, session, trace } = place;
  const to = (id: string, title: string, about: string, href: string) => ({
    id,
    title,
    about,
    does: { href },
  });
  const act = (action: PaletteAction, title: string, about = '') => ({
    id: action,
    title,
    about,
    does: { action },
  });
  return [
    ...(cp !== null && session !== null && trace !== null
      ? [
          to('summary', 'Summary of this trace', 'trace', paths.trace(cp, session, trace)),
          to('spans', 'Spans of this trace', 'trace', paths.trace(cp, session, trace, 'spans')),
          to(
            'compare',
            'Compare this trace with the median of its session',
            'trace',
            paths.compare(cp, session, trace),
          ),
        ]
      : []),
    ...(cp !== null && session !== null
      ? [
          to('traces', 'Traces of this session', 'session', paths.session(cp, session)),
          to('analysis', 'Analysis of this session', 'session', paths.analysis(cp, session)),
        ]
      : []),
    ...(cp !== null
      ? [
          to('sessions', 'Sessions', cp, paths.sessions(cp)),
          to('new', 'New session', cp, paths.newSession(cp)),
          ...sessions.map((one) => to(one.id, sessionName(one), 'session', paths.session(cp, one.id))),
        ]
      : []),
    to('control-planes', 'Control planes', '', paths.controlPlanes()),
    to('open', 'Open a file', 'exported traces', paths.open()),
    act('copy-link', 'Copy a link to this page'),
    act('help', 'Keys', '?'),
    act('light', 'Light theme'),
    act('dark', 'Dark theme'),
    act('system', 'Theme as the device'),
    act('sign-out', 'Sign out'),
  ];
}

/** Commands that have every word of a query in them; those whose title begins with it go first. */
export function matchingCommands(commands: readonly PaletteCommand[], query: string): PaletteCommand[] {
  const wanted = query.trim().toLowerCase();
  const words = wanted.split(/\s+/);
  const found = commands.filter(({ id, title, about }) => {
    const text = `${title} ${about} ${id}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = found.filter(({ title }) => title.toLowerCase().startsWith(wanted));
  return [...begins, ...found.filter((command) => !begins.includes(command))].slice(0, MOST);
}
