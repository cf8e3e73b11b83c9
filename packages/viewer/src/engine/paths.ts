/** The tabs of a trace. */
export const TRACE_TABS = ['summary', 'spans'] as const;
export type TraceTab = (typeof TRACE_TABS)[number];

/** Every path of the viewer. Parts are names or ids and are escaped here. */
export const paths = {
  signIn: () => '/sign-in',
  controlPlanes: () => '/control-planes',
  controlPlane: (cp: string) => `/control-planes/${encodeURIComponent(cp)}`,
  sessions: (cp: string) => `${paths.controlPlane(cp)}/sessions`,
  newSession: (cp: string, query = '') => `${paths.sessions(cp)}/new${query === '' ? '' : `?${query}`}`,
  session: (cp: string, session: string) => `${paths.sessions(cp)}/${encodeURIComponent(session)}`,
  trace: (cp: string, session: string, trace: string, tab: TraceTab = 'summary', query = '') =>
    `${paths.session(cp, session)}/traces/${encodeURIComponent(trace)}/${tab}${query === '' ? '' : `?${query}`}`,
} as const;
