import {
  type AttributeBlock,
  attributeBlock,
  type ConfigCheckResult,
  type ConfigPutResult,
  type ControlPlane,
  type CreatedToken,
  type List,
  type LogLine,
  type Me,
  type Node,
  type Payload,
  type PayloadCapture,
  type RedactionRule,
  type Role,
  type Session,
  type SessionRequest,
  type SessionStatistics,
  type Skeleton,
  type Token,
  type TraceSummary,
  type User,
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

/** Headers and body before or after redaction. */
export interface PreviewedPayload {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | null;
}

/** What the sanitizer made of a payload, and where it did something. */
export interface SanitizerPreview extends PreviewedPayload {
  readonly redactions: readonly { readonly where: string; readonly rule: string; readonly count: number }[];
}

/** The redaction rules of the organisation, which every session has besides its own. */
export interface RedactionSetting {
  readonly rules: readonly RedactionRule[];
}

export type KeyProvider = 'local' | 'pkcs11' | 'aws-kms';
export type KeyAct = 'activate' | 'rotate' | 'disable';

export interface KeyRequest {
  readonly name: string;
  readonly provider: KeyProvider;
  readonly config: Readonly<Record<string, string>>;
}

/** A key that data keys are wrapped with. */
export interface EncryptionKey {
  readonly id: string;
  readonly name: string;
  readonly provider: KeyProvider;
  readonly state: string;
  readonly created_at: string;
  readonly activated_at: string | null;
  /** Why it is in a state that it should not be in. */
  readonly reason: string | null;
}

/** What a person or token may do, and where. */
export interface Rights {
  readonly role: Role;
  readonly control_planes: 'all' | string[];
  readonly payload_read: boolean;
}

/** One act, as the audit log tells it. Older entries may not say from where and how it went. */
export interface AuditEntry {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly address?: string | null;
  readonly outcome?: 'done' | 'refused' | 'failed';
  readonly details: unknown;
}

/** How people can sign in; `oidc` is an identity provider's name and where to send the browser. */
export interface SignInMethods {
  readonly password: boolean;
  readonly oidc: { readonly name: string; readonly url: string } | null;
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
  signInMethods: (signal?: AbortSignal) => get<SignInMethods>('/login/methods', signal),
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
  sessionStatistics: (cp: string, ids: readonly string[], signal?: AbortSignal) =>
    get<List<SessionStatistics>>(
      `${inControlPlane(cp)}/sessions/statistics?ids=${ids.map(escaped).join(',')}`,
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
  attributes: (cp: string, session: string, trace: string, from: number) =>
    get<AttributeBlock>(`${inTrace(cp, session, trace)}/attributes?from=${from}&count=${BLOCK_SPANS}`),
  allAttributes: async (cp: string, session: string, trace: string, signal?: AbortSignal) => {
    const { spans } = await get<{ readonly spans: readonly Span[] }>(inTrace(cp, session, trace), signal);
    return attributeBlock(spans, 0, spans.length);
  },
  filteredTraces: (cp: string, session: string, filter: string, size: number, signal?: AbortSignal) =>
    get<List<TraceSummary>>(
      `${inSession(cp, session)}/traces?size=${size}${filter === '' ? '' : `&filter=${escaped(filter)}`}`,
      signal,
    ),
  changePayloadCapture: (body: { readonly enabled: boolean; readonly agreement_text?: string }) =>
    request<PayloadCapture>('/settings/payload-capture', { method: 'PUT', body }),
  redactionRules: (signal?: AbortSignal) => get<RedactionSetting>('/settings/redaction', signal),
  changeRedactionRules: (rules: readonly RedactionRule[]) =>
    request<RedactionSetting>('/settings/redaction', { method: 'PUT', body: { rules } }),
  encryptionKeys: (signal?: AbortSignal) => get<List<EncryptionKey>>(`/keys?size=${PAGE}`, signal),
  encryptionKey: (id: string) => get<EncryptionKey>(`/keys/${escaped(id)}`),
  registerKey: (body: KeyRequest) => request<EncryptionKey>('/keys', { method: 'POST', body }),
  changeKey: (id: string, act: KeyAct) =>
    request<EncryptionKey>(`/keys/${escaped(id)}/${act}`, { method: 'POST' }),
  users: (signal?: AbortSignal) => get<List<User>>(`/users?size=${PAGE}`, signal),
  createUser: (body: Rights & { readonly email: string; readonly password: string }) =>
    request<User>('/users', { method: 'POST', body }),
  changeUser: (id: string, body: Partial<Rights> & { readonly password?: string }) =>
    request<User>(`/users/${escaped(id)}`, { method: 'PATCH', body }),
  deleteUser: (id: string) => request<void>(`/users/${escaped(id)}`, { method: 'DELETE' }),
  tokens: (signal?: AbortSignal) => get<List<Token>>(`/tokens?size=${PAGE}`, signal),
  createToken: (body: Rights & { readonly name: string; readonly expires_in_seconds: number | null }) =>
    request<CreatedToken>('/tokens', { method: 'POST', body }),
  deleteToken: (id: string) => request<void>(`/tokens/${escaped(id)}`, { method: 'DELETE' }),
  auditLog: (query: string, signal?: AbortSignal) => get<List<AuditEntry>>(`/audit-log?${query}`, signal),
  auditLogUrl: (query: string) => apiUrl(`/audit-log?${query}`),
  payloadCapture: (signal?: AbortSignal) => get<PayloadCapture>('/settings/payload-capture', signal),
  previewSanitizer: (
    payload: PreviewedPayload & { readonly content_type: string; readonly rules: readonly RedactionRule[] },
    signal?: AbortSignal,
  ) =>
    request<SanitizerPreview>('/sanitizer/preview', {
      method: 'POST',
      body: payload,
      ...(signal === undefined ? {} : { signal }),
    }),
} as const;

function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, signal === undefined ? {} : { signal });
}
