import { numberAttribute, type SpanFacts, textAttribute } from './span-facts.ts';
import { nameOf, type TraceModel } from './trace-model.ts';
import { cutText, visibleText } from './visible-text.ts';

const IO = 'kong.io.';
const ATTEMPT = 'kong.upstream.find_upstream';
/** Characters of a label that are shown, at most. */
const LABEL_MAX = 100;

/** Whether spans of this name are told apart by what they were about: `spanLabel` has something to say of them. */
export function isLabelled(name: string): boolean {
  return name.startsWith(IO) || name === ATTEMPT;
}

/**
 * What tells a span from others of its name, in a few words: whom it asked and, of HTTP, how and what came of it
 * (`GET id.example.com:443 200`). Empty where nothing does, and as long as nothing is known.
 */
export function spanLabel(name: string, facts: SpanFacts | null): string {
  if (facts === null || !isLabelled(name)) return '';
  const label = name === ATTEMPT ? attemptLabel(facts) : ioLabel(facts);
  return visibleText(cutText(label, LABEL_MAX));
}

/** Of each row of I/O, which it is of those with its name below the same parent, from 1; 0 where it is the only one, and for all else. */
export function ioOrdinals(model: TraceModel): Int32Array {
  const { name, names } = model.skeleton;
  const isIo = names.map((text) => text.startsWith(IO));
  const ordinals = new Int32Array(model.count);
  if (!isIo.includes(true)) return ordinals;
  /** The first row of each kind, and how many there are. */
  const kinds = new Map<number, { readonly first: number; count: number }>();
  for (let row = 0; row < model.count; row++) {
    if (isIo[name[row]!] !== true) continue;
    const key = (model.parent[row]! + 1) * names.length + name[row]!;
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { first: row, count: 1 });
    else ordinals[row] = ++kind.count;
  }
  for (const { first, count } of kinds.values()) if (count > 1) ordinals[first] = 1;
  return ordinals;
}

/** A row's name, numbered where others beside it have the same. */
export function numberedName(model: TraceModel, row: number, ordinals: Int32Array): string {
  return ordinals[row] === 0 ? nameOf(model, row) : `${nameOf(model, row)} #${ordinals[row]}`;
}

function ioLabel(facts: SpanFacts): string {
  const peer =
    place(textAttribute(facts, 'server.address'), numberAttribute(facts, 'server.port')) ??
    place(textAttribute(facts, 'network.peer.address'), numberAttribute(facts, 'network.peer.port'));
  const status = numberAttribute(facts, 'http.response.status_code');
  return said(textAttribute(facts, 'http.request.method'), peer, status === null ? null : String(status));
}

function attemptLabel(facts: SpanFacts): string {
  const host = textAttribute(facts, 'network.peer.name') ?? textAttribute(facts, 'network.peer.address');
  return said(place(host, numberAttribute(facts, 'network.peer.port')));
}

/** `host:port`; an IPv6 address in brackets. */
function place(host: string | null, port: number | null): string | null {
  if (host === null) return null;
  const shown = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return port === null ? shown : `${shown}:${port}`;
}

function said(...words: readonly (string | null)[]): string {
  return words.filter((word) => word !== null).join(' ');
}
