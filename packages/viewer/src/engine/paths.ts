/** The tabs of a trace. */
export const TRACE_TABS = ['summary', 'spans', 'logs', 'payload'] as const;
export type TraceTab = (typeof TRACE_TABS)[number];

/** The tabs of a control plane besides its sessions. */
export const CONTROL_PLANE_TABS = ['overview', 'nodes', 'configuration'] as const;
export type ControlPlaneTab = (typeof CONTROL_PLANE_TABS)[number];

/** The pages of the settings. */
export const SETTINGS_PAGES = [
  'payload-capture',
  'redaction',
  'keys',
  'users',
  'tokens',
  'audit-log',
] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];

/** Every path of the viewer. Parts are names or ids and are escaped here. */
export const paths = {
  /** `next` is where to go afterwards. */
  signIn: (next = '') => `/sign-in${next === '' || next === '/' ? '' : `?next=${encodeURIComponent(next)}`}`,
  home: () => '/',
  controlPlanes: () => '/control-planes',
  controlPlane: (cp: string) => `/control-planes/${encodeURIComponent(cp)}`,
  controlPlaneTab: (cp: string, tab: ControlPlaneTab, query = '') =>
    `${paths.controlPlane(cp)}/${tab}${asked(query)}`,
  settings: (page: SettingsPage | null = null) => (page === null ? '/settings' : `/settings/${page}`),
  sessions: (cp: string) => `${paths.controlPlane(cp)}/sessions`,
  newSession: (cp: string, query = '') => `${paths.sessions(cp)}/new${asked(query)}`,
  session: (cp: string, session: string) => `${paths.sessions(cp)}/${encodeURIComponent(session)}`,
  analysis: (cp: string, session: string, query = '') =>
    `${paths.session(cp, session)}/analysis${asked(query)}`,
  /** `b` is a trace, or empty for the session's median. */
  compare: (cp: string, session: string, a: string, b = '') =>
    `${paths.session(cp, session)}/compare?a=${encodeURIComponent(a)}${b === '' ? '' : `&b=${encodeURIComponent(b)}`}`,
  /** Files opened in the browser, or one of the traces in the file that was opened. */
  open: (trace: string | null = null, tab: TraceTab = 'summary', query = '') =>
    trace === null ? '/open' : `/open/${encodeURIComponent(trace)}/${tab}${asked(query)}`,
  trace: (cp: string, session: string, trace: string, tab: TraceTab = 'summary', query = '') =>
    `${paths.session(cp, session)}/traces/${encodeURIComponent(trace)}/${tab}${asked(query)}`,
} as const;

function asked(query: string): string {
  return query === '' ? '' : `?${query}`;
}

/** Where a path lies: the ids that its parts name, null for those it has not. */
export interface Place {
  readonly cp: string | null;
  readonly session: string | null;
  readonly isNewSession: boolean;
  readonly trace: string | null;
}

/** Reads the place out of a path of the viewer. */
export function placeOf(path: string): Place {
  const parts = path.split('/').map(decoded);
  const session = parts[3] === 'sessions' ? (parts[4] ?? '') : '';
  return {
    cp: parts[1] === 'control-planes' && parts[2] !== undefined && parts[2] !== '' ? parts[2] : null,
    session: session === '' || session === 'new' ? null : session,
    isNewSession: session === 'new',
    trace: parts[5] === 'traces' && parts[6] !== undefined && parts[6] !== '' ? parts[6] : null,
  };
}

export function isControlPlaneTab(text: string): text is ControlPlaneTab {
  return (CONTROL_PLANE_TABS as readonly string[]).includes(text);
}

export function isSettingsPage(text: string): text is SettingsPage {
  return (SETTINGS_PAGES as readonly string[]).includes(text);
}

export function isTraceTab(text: string): text is TraceTab {
  return (TRACE_TABS as readonly string[]).includes(text);
}

/** The place within the viewer that a sign-in leads to; never another site. */
export function afterSignIn(query: string): string {
  const next = new URLSearchParams(query).get('next') ?? '';
  return /^\/(?:control-planes|settings)(?:[/?]|$)/.test(next) ? next : paths.home();
}

/** Longer places are not taken along to an identity provider. */
const NEXT_MAX = 1_024;

/** Where the way through an identity provider begins, to end where this sign-in leads to. */
export function providerUrl(url: string, query: string): string {
  const next = afterSignIn(query);
  return next === paths.home() || next.length > NEXT_MAX || !/^[!-~]+$/.test(next)
    ? url
    : `${url}?next=${encodeURIComponent(next)}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
