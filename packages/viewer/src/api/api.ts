import {
  type AttributeBlock,
  attributeBlock,
  type ConfigCheckResult,
  type ConfigPutResult,
  type ControlPlane,
  type List,
  type LogLine,
  type Me,
  type Node,
  type Payload,
  type RuleCheckResult,
  type Session,
  type SessionRequest,
  type Skeleton,
  type TraceSummary,
} from '@gatescope/protocol';
import type { Span } from '@gatescope/trace';
import { shownSummary } from '../engine/shown-summary.ts';
import { BLOCK_SPANS } from '../engine/span-facts.ts';
import { apiUrl, ask, request } from './http.ts';

/** What a session can be scoped to. */
export interface Entities {
  readonly services: readonly { readonly id: string; readonly name: string | null }[];
  readonly routes: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly service_id: string | null;
  }[];
}

/** The configuration in force, as it was put. */
export interface ConfigInForce {
  readonly text: string;
  readonly hash: string;
  /** RFC 1123, whole seconds; empty where it is not told. */
  readonly putAt: string;
}

/** How somebody signs in. */
export type Credentials =
  | { readonly email: string; readonly password: string }
  | { readonly sign_in_token: string };

/** Largest page of a list. */
const PAGE = 1_000;

const escaped = encodeURIComponent;
const inControlPlane = (cp: string) => `/control-planes/${escaped(cp)}`;
const inSession = (cp: string, session: string) => `${inControlPlane(cp)}/sessions/${escaped(session)}`;
const inTrace = (cp: string, session: string, trace: string) =>
  `${inSession(cp, session)}/traces/${escaped(trace)}`;

/** The calls of the API that the viewer makes. */
export const api = {
  me: (signal?: AbortSignal) => get<Me>('/me', signal),
  signIn: (credentials: Credentials) => request<Me>('/login', { method: 'POST', body: credentials }),
  signOut: () => request<void>('/logout', { method: 'POST' }),
  controlPlanes: (signal?: AbortSignal) => get<List<ControlPlane>>(`/control-planes?size=${PAGE}`, signal),
  controlPlane: (cp: string, signal?: AbortSignal) => get<ControlPlane>(inControlPlane(cp), signal),
  nodes: (cp: string, signal?: AbortSignal) => get<List<Node>>(`${inControlPlane(cp)}/nodes`, signal),
  entities: (cp: string, signal?: AbortSignal) => get<Entities>(`${inControlPlane(cp)}/entities`, signal),
  createControlPlane: (body: { readonly name: string; readonly description: string }) =>
    request<ControlPlane>('/control-planes', { method: 'POST', body }),
  config: async (cp: string, signal?: AbortSignal): Promise<ConfigInForce> => {
    const options = signal === undefined ? {} : { signal };
    const response = await ask(`${inControlPlane(cp)}/config`, options, 'application/yaml');
    return {
      text: await response.text(),
      hash: response.headers.get('etag')?.replaceAll('"', '') ?? '',
      putAt: response.headers.get('last-modified') ?? '',
    };
  },
  checkConfig: (cp: string, yaml: string, signal?: AbortSignal) =>
    request<ConfigCheckResult>(`${inControlPlane(cp)}/config/check`, {
      method: 'POST',
      yaml,
      ...(signal === undefined ? {} : { signal }),
    }),
  putConfig: (cp: string, yaml: string) =>
    request<ConfigPutResult>(`${inControlPlane(cp)}/config`, { method: 'PUT', yaml }),
  sessions: (cp: string, after: string | null, signal?: AbortSignal) =>
    get<List<Session>>(
      `${inControlPlane(cp)}/sessions?size=100${after === null ? '' : `&after=${escaped(after)}`}`,
      signal,
    ),
  session: (cp: string, session: string, signal?: AbortSignal) =>
    get<Session>(inSession(cp, session), signal),
  startSession: (cp: string, body: SessionRequest) =>
    request<Session>(`${inControlPlane(cp)}/sessions`, { method: 'POST', body }),
  stopSession: (cp: string, session: string) =>
    request<Session>(`${inSession(cp, session)}/stop`, { method: 'POST' }),
  deleteSession: (cp: string, session: string) => request<void>(inSession(cp, session), { method: 'DELETE' }),
  sessionEventsUrl: (cp: string, session: string) => apiUrl(`${inSession(cp, session)}/events`),
  traces: async (cp: string, session: string, after: string | null, signal?: AbortSignal) => {
    const list = await get<List<TraceSummary>>(
      `${inSession(cp, session)}/traces?size=${PAGE}${after === null ? '' : `&after=${escaped(after)}`}`,
      signal,
    );
    return { ...list, data: list.data.map(shownSummary) };
  },
  traceOtlpUrl: (cp: string, session: string, trace: string) =>
    apiUrl(`${inTrace(cp, session, trace)}?format=otlp`),
  /** A page of a trace's log, newest first. */
  logs: (cp: string, session: string, trace: string, after: string | null, signal?: AbortSignal) =>
    get<List<LogLine>>(
      `${inTrace(cp, session, trace)}/logs?size=${PAGE}${after === null ? '' : `&after=${escaped(after)}`}`,
      signal,
    ),
  payload: (cp: string, session: string, trace: string, signal?: AbortSignal) =>
    get<Payload>(`${inTrace(cp, session, trace)}/payload`, signal),
  sessionExportUrl: (cp: string, session: string, format: 'otlp' | 'har' | 'zip') =>
    apiUrl(`${inSession(cp, session)}/export?format=${format}`),
  skeleton: (cp: string, session: string, trace: string, signal?: AbortSignal) =>
    get<Skeleton>(`${inTrace(cp, session, trace)}/skeleton`, signal),
  attributes: (cp: string, session: string, trace: string, from: number, signal?: AbortSignal) =>
    get<AttributeBlock>(
      `${inTrace(cp, session, trace)}/attributes?from=${from}&count=${BLOCK_SPANS}`,
      signal,
    ),
  allAttributes: async (cp: string, session: string, trace: string, signal?: AbortSignal) => {
    const { spans } = await get<{ readonly spans: readonly Span[] }>(inTrace(cp, session, trace), signal);
    return attributeBlock(spans, 0, spans.length);
  },
  checkRule: (expression: string, signal?: AbortSignal) =>
    request<RuleCheckResult>('/rules/check', {
      method: 'POST',
      body: { expression },
      ...(signal === undefined ? {} : { signal }),
    }),
} as const;

function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, signal === undefined ? {} : { signal });
}
