import { SESSION_LIMITS, type Session, type SessionRequest } from '@gatescope/protocol';

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
}

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
};

const FIELDS = {
  name: 'name',
  service: 'service',
  route: 'route',
  rule: 'rule',
  ratePercent: 'rate',
  durationSeconds: 'duration',
  maxTraces: 'max_traces',
} as const;

/** Fills the form from a query such as `route=checkout&rule=…&duration=60`. */
export function readDraft(query: string): SessionDraft {
  const fields = new URLSearchParams(query);
  const draft: Record<string, unknown> = { ...EMPTY_DRAFT };
  for (const [key, name] of Object.entries(FIELDS)) draft[key] = fields.get(name) ?? draft[key];
  const nodes = fields.getAll('node').filter((id) => id !== '');
  return { ...(draft as unknown as SessionDraft), nodes: nodes.length > 0 ? nodes : 'all' };
}

/** The query that fills the form with this draft, without what is as it would be anyway. */
export function writeDraft(draft: SessionDraft): string {
  const fields = new URLSearchParams();
  for (const [key, name] of Object.entries(FIELDS) as [keyof typeof FIELDS, string][])
    if (draft[key] !== EMPTY_DRAFT[key]) fields.set(name, draft[key]);
  if (draft.nodes !== 'all') for (const id of draft.nodes) fields.append('node', id);
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
  return errors;
}

function isWithin(text: string, min: number, max: number): boolean {
  const value = Number(text);
  return /^\d+$/.test(text.trim()) && value >= min && value <= max;
}
