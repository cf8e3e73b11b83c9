import { type RedactionRule, SESSION_LIMITS, type Session, type SessionRequest } from '@gatescope/protocol';
import { readRedaction, writeRedaction } from './redaction.ts';

/** The new-session form as it is filled in. Numbers are text while they are typed. */
export interface SessionDraft {
  readonly name: string;
  readonly nodes: 'all' | readonly string[];
  /** Name or id; empty: every one. */
  readonly service: string;
  readonly route: string;
  readonly rule: string;
  readonly ratePercent: string;
  readonly durationSeconds: string;
  readonly maxTraces: string;
  /** The lowest level kept, or empty for no logs. */
  readonly logs: string;
  readonly payload: PayloadChoice;
  /** Of every body, KiB. */
  readonly bodyKib: string;
  readonly redact: readonly RedactionRule[];
}

export const PAYLOAD_CHOICES = ['off', 'headers', 'bodies'] as const;
export type PayloadChoice = (typeof PAYLOAD_CHOICES)[number];

/** Something that can't be sent as it is, by the field of the request it belongs to. */
export type DraftErrors = Readonly<Partial<Record<keyof SessionRequest, string>>>;

/** The form before anything is filled in. */
export const EMPTY_DRAFT: SessionDraft = {
  name: '',
  nodes: 'all',
  service: '',
  route: '',
  rule: '',
  ratePercent: '100',
  durationSeconds: String(SESSION_LIMITS.durationSecondsDefault),
  maxTraces: String(SESSION_LIMITS.maxTracesDefault),
  logs: '',
  payload: 'off',
  bodyKib: String(SESSION_LIMITS.bodyBytesDefault / 1_024),
  redact: [],
};

const FIELDS = {
  name: 'name',
  service: 'service',
  route: 'route',
  rule: 'rule',
  ratePercent: 'rate',
  durationSeconds: 'duration',
  maxTraces: 'max_traces',
  logs: 'logs',
  bodyKib: 'body_kib',
} as const;

/** Fills the form from a query such as `route=checkout&rule=…&duration=60`. */
export function readDraft(query: string): SessionDraft {
  const fields = new URLSearchParams(query);
  const draft: Record<string, unknown> = { ...EMPTY_DRAFT };
  for (const [key, name] of Object.entries(FIELDS)) draft[key] = fields.get(name) ?? draft[key];
  const nodes = fields.getAll('node').filter((id) => id !== '');
  const payload = PAYLOAD_CHOICES.find((choice) => choice === fields.get('payload')) ?? 'off';
  return {
    ...(draft as unknown as SessionDraft),
    nodes: nodes.length > 0 ? nodes : 'all',
    payload,
    redact: fields.getAll('redact').flatMap(readRedaction),
  };
}

/** The query that fills the form with this draft, without what is as it would be anyway. */
export function writeDraft(draft: SessionDraft): string {
  const fields = new URLSearchParams();
  for (const [key, name] of Object.entries(FIELDS) as [keyof typeof FIELDS, string][])
    if (draft[key] !== EMPTY_DRAFT[key]) fields.set(name, draft[key]);
  if (draft.nodes !== 'all') for (const id of draft.nodes) fields.append('node', id);
  if (draft.payload !== 'off') fields.set('payload', draft.payload);
  for (const rule of draft.redact) fields.append('redact', writeRedaction(rule));
  return fields.toString();
}

/** The form that asks for what a session asked for. */
export function draftOf(session: Session): SessionDraft {
  return {
    name: session.name,
    nodes: session.nodes,
    service: session.service ?? '',
    route: session.route ?? '',
    rule: session.rule ?? '',
    ratePercent: String(Number((session.rate * 100).toFixed(6))),
    durationSeconds: String(session.duration_seconds),
    maxTraces: String(session.max_traces),
    logs: session.capture.logs === false ? '' : session.capture.logs,
    payload: session.capture.bodies ? 'bodies' : session.capture.headers ? 'headers' : 'off',
    bodyKib: String(session.capture.body_bytes_max / 1_024),
    redact: session.capture.redact,
  };
}

/** The request that a draft stands for, without fields that have their default. */
export function requestOf(draft: SessionDraft): SessionRequest {
  const rule = draft.rule.trim();
  const request: SessionRequest = {};
  if (draft.name.trim() !== '') request.name = draft.name.trim();
  if (draft.nodes !== 'all') request.nodes = [...draft.nodes];
  if (draft.service !== '') request.service = draft.service;
  if (draft.route !== '') request.route = draft.route;
  if (rule !== '') request.rule = rule;
  if (Number(draft.ratePercent) !== 100) request.rate = Number(draft.ratePercent) / 100;
  request.duration_seconds = Number(draft.durationSeconds);
  request.max_traces = Number(draft.maxTraces);
  const capture: NonNullable<SessionRequest['capture']> = {};
  if (isLogLevel(draft.logs)) capture.logs = draft.logs;
  if (draft.payload !== 'off') capture.headers = true;
  if (draft.payload === 'bodies') {
    capture.bodies = true;
    capture.body_bytes_max = bodyBytes(draft);
  }
  if (draft.redact.length > 0) capture.redact = [...draft.redact];
  if (Object.keys(capture).length > 0) request.capture = capture;
  return request;
}

/** What is wrong with a draft before it is sent; the server has the last word. */
export function draftErrors(draft: SessionDraft): DraftErrors {
  const errors: { -readonly [Field in keyof DraftErrors]: string } = {};
  const { durationSecondsMin, durationSecondsMax, maxTracesMin, maxTracesMax, nameCharactersMax } =
    SESSION_LIMITS;
  if (draft.name.length > nameCharactersMax) errors.name = `At most ${nameCharactersMax} characters.`;
  if (draft.nodes !== 'all' && draft.nodes.length === 0)
    errors.nodes = 'Choose at least one node, or all of them.';
  // As it will be sent: a percent may be so small that no share is left of it.
  const rate = Number(draft.ratePercent) / 100;
  if (draft.ratePercent.trim() === '' || !(rate > 0 && rate <= 1))
    errors.rate = 'More than 0 and at most 100 percent.';
  if (!isWithin(draft.durationSeconds, durationSecondsMin, durationSecondsMax))
    errors.duration_seconds = `A whole number of seconds, ${durationSecondsMin} to ${durationSecondsMax}.`;
  if (!isWithin(draft.maxTraces, maxTracesMin, maxTracesMax))
    errors.max_traces = `A whole number, ${maxTracesMin} to ${maxTracesMax}.`;
  const { bodyBytesMin, bodyBytesMax } = SESSION_LIMITS;
  const bytes = bodyBytes(draft);
  if (draft.payload === 'bodies' && !(bytes >= bodyBytesMin && bytes <= bodyBytesMax))
    errors.capture = `Up to ${bodyBytesMax / 1_024} KiB of every body.`;
  return errors;
}

/** The levels that logs can be kept from, the most telling first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warn', 'error'] as const;
type LogLevel = Exclude<Session['capture']['logs'], false>;

function isLogLevel(text: string): text is LogLevel {
  return ([...LOG_LEVELS, 'crit', 'alert', 'emerg'] as readonly string[]).includes(text);
}

function bodyBytes({ bodyKib }: SessionDraft): number {
  return bodyKib.trim() === '' ? Number.NaN : Math.round(Number(bodyKib) * 1_024);
}

function isWithin(text: string, min: number, max: number): boolean {
  const value = Number(text);
  return /^\d+$/.test(text.trim()) && value >= min && value <= max;
}
