import { readFileSync } from 'node:fs';
import { fieldKey, latencyParts, ProtoReader, type Span } from '@gatescope/trace';
import { expect } from 'vitest';
import type { CollectedTrace } from './trace-collector.ts';

export interface ListedSpan {
  readonly name: string;
  readonly parent: string | null;
  readonly when: string;
  readonly attributes: readonly { readonly name: string; readonly type: string }[];
}

/** The catalogue as it is written down for everybody. */
export const LISTED = JSON.parse(
  readFileSync(new URL('../../../../test/conformance/span-catalogue.json', import.meta.url), 'utf8'),
) as readonly ListedSpan[];

/** What a request was, as far as the conditions of spans ask for it. */
export interface RequestFacts {
  readonly firstOnTls?: boolean;
  readonly body?: boolean;
  readonly routed?: boolean;
  readonly proxied?: boolean;
  readonly attempted?: boolean;
  readonly lookedUp?: boolean;
  readonly connected?: boolean;
  readonly sent?: boolean;
  readonly answerBody?: boolean;
  readonly buffered?: boolean;
  readonly answered?: boolean;
  readonly bodySent?: boolean;
  readonly logged?: boolean;
}

/** Each condition of the list, as a question to the facts; null: told otherwise, by the tree of a trace. */
const CONDITIONS: Readonly<Record<string, ((facts: RequestFacts) => boolean | undefined) | null>> = {
  'every trace': () => true,
  'first request on a TLS connection': (facts) => facts.firstOnTls,
  'requests with a body': (facts) => facts.body,
  'a route matched': (facts) => facts.routed,
  'a name was looked up (cache hits included, marked in the entry)': (facts) => facts.lookedUp,
  'the request is proxied': (facts) => facts.proxied,
  'per attempt': (facts) => facts.attempted,
  'an upstream connection was had': (facts) => facts.connected,
  'the request was sent': (facts) => facts.sent,
  'the response has a body': (facts) => facts.answerBody,
  'some plugin implements the response phase and the route has response_buffering true (the default); the response is then buffered':
    (facts) => facts.buffered,
  'a response is sent': (facts) => facts.answered,
  'a response with a body is sent': (facts) => facts.bodySent,
  'some plugin implements the log phase': (facts) => facts.logged,
  'per plugin that runs in the phase': null,
  'I/O made by a plugin or by the gateway while it handles the request': null,
};

/** A request that was proxied and answered with a body. */
export const PROXIED: RequestFacts = {
  routed: true,
  proxied: true,
  attempted: true,
  connected: true,
  sent: true,
  answerBody: true,
  answered: true,
  bodySent: true,
};

/** Fails unless the spans are exactly those whose condition is fulfilled, but for those of plugins. */
export function expectSpans(spans: readonly Span[], facts: RequestFacts): void {
  const expected = LISTED.filter(({ when }) => {
    const condition = CONDITIONS[when];
    if (condition === undefined) throw new Error(`the list has a condition that nobody knows: ${when}`);
    return condition !== null && condition(facts) === true;
  }).map(({ name }) => name);
  const found = new Set(spans.map(({ name }) => name).filter((name) => !name.includes('.plugin.')));
  expect([...found].sort()).toEqual(expected.sort());
}

/** Fails unless a trace is whole: parents, times, types and parts, as the list and the design want them. */
export function expectWhole(trace: CollectedTrace): void {
  const { spans } = trace;
  const byId = new Map(spans.map((span) => [span.span_id, span]));
  expect(byId.size, 'span ids are unique').toBe(spans.length);
  const [root] = spans;
  expect([root?.name, root?.kind]).toEqual(['kong', 'SERVER']);
  for (const span of spans) {
    const listed = listedSpan(span.name);
    expect(
      BigInt(span.end_unix_nano) >= BigInt(span.start_unix_nano),
      `${span.name} ends after it begins`,
    ).toBe(true);
    if (span === root) continue;
    const parent = byId.get(span.parent_span_id ?? '');
    expect(parent, `the parent of ${span.name} exists`).toBeDefined();
    expect(parentMatches(listed, parent!.name), `${span.name} is below ${parent!.name}`).toBe(true);
    expect(
      BigInt(span.start_unix_nano) >= BigInt(parent!.start_unix_nano),
      `${span.name} begins within ${parent!.name}`,
    ).toBe(true);
    // The log phase alone lies outside of the root.
    if (span.name === 'kong.phase.log') {
      expect(
        BigInt(span.start_unix_nano) >= BigInt(parent!.end_unix_nano),
        'the log phase begins after the root',
      ).toBe(true);
    } else
      expect(
        BigInt(span.end_unix_nano) <= BigInt(parent!.end_unix_nano),
        `${span.name} ends within ${parent!.name}`,
      ).toBe(true);
  }
  expectTypes(trace);
  expectParts(root!, spans);
}

/** Spans that the code of plugins made itself: they are called as it likes, but not as the gateway's own are. */
const OWN: ListedSpan = { name: '', parent: '', when: '', attributes: [] };

/** The list's entry for a span of this name; of a plugin's own span one that is empty. Throws where the list has none. */
export function listedSpan(name: string): ListedSpan {
  if (!/^kong(\.|$)/.test(name)) return OWN;
  const pattern = name
    .replace(/(\.plugin\.).*$/, '$1<plugin>')
    .replace(/^kong\.io\.(http|redis|socket)\.[a-z0-9_.-]+$/, 'kong.io.<client>.<function>');
  const listed = LISTED.find((one) => one.name === pattern);
  if (listed === undefined) throw new Error(`no span ${name} in the list`);
  return listed;
}

function parentMatches(listed: ListedSpan, parent: string): boolean {
  // What a plugin's code begins is below the plugin, another span of its own, or the I/O that caused it.
  if (listed === OWN) return /\.plugin\./.test(parent) || !parent.startsWith('kong');
  if (listed.name.startsWith('kong.io.'))
    return /\.plugin\.|^kong\.io\./.test(parent) || !parent.startsWith('kong');
  if (listed.name === 'kong.dns' && parent.startsWith('kong.io.')) return true;
  return (
    listed.parent !== null &&
    (listed.parent === parent ||
      listed.parent.startsWith(`${parent} `) ||
      listed.parent.startsWith(`${parent},`))
  );
}

/** The root's own numbers are those that its spans add up to, and the parts add up to the whole. */
function expectParts(root: Span, spans: readonly Span[]): void {
  const parts = latencyParts(spans);
  const { attributes } = root;
  expect(parts.io_ms + parts.client_ms + parts.upstream_ms + parts.gateway_ms).toBeCloseTo(parts.total_ms, 6);
  expect(attributes['proxy.kong.latency.total']).toBeCloseTo(parts.total_ms, 2);
  expect(attributes['proxy.kong.latency.upstream']).toBeCloseTo(parts.upstream_ms, 2);
  expect(attributes['proxy.kong.latency.internal']).toBeCloseTo(parts.gateway_ms, 2);
  for (const part of [parts.io_ms, parts.client_ms, parts.upstream_ms, parts.gateway_ms])
    expect(part).toBeGreaterThanOrEqual(0);
}

/** Kinds of a value on the wire, by the field of AnyValue. */
const WIRE: Readonly<Record<number, string>> = {
  [fieldKey(1, 2)]: 'string',
  [fieldKey(2, 0)]: 'boolean',
  [fieldKey(3, 0)]: 'int',
  [fieldKey(4, 1)]: 'double',
  [fieldKey(5, 2)]: 'kvlist[]',
};

/** Every attribute has the type the list says; those that are not in the list are the product's own and have names that say so. */
function expectTypes({ bytes }: CollectedTrace): void {
  const scope = new ProtoReader(bytes);
  while (!scope.isAtEnd) {
    const key = scope.key();
    if (key !== fieldKey(2, 2)) {
      scope.skip(key);
      continue;
    }
    const { name, attributes } = readTypes(scope.message());
    const listed = listedSpan(name);
    if (listed === OWN) continue;
    expect(new Set(attributes.map(([attribute]) => attribute)).size, `${name} has no attribute twice`).toBe(
      attributes.length,
    );
    for (const [attribute, type] of attributes) {
      const expected = listed.attributes.find((one) => one.name === attribute)?.type;
      if (expected !== undefined) expect(`${attribute}: ${type}`).toBe(`${attribute}: ${expected}`);
      else if (name.startsWith('kong.io.')) expect(attribute).toMatch(IO_ATTRIBUTES);
      else
        expect(attribute).toMatch(
          /^(gatescope\.|proxy\.kong\.plugin\.(exit_status|run_count|run_time)$|http\.response\.status_code$)/,
        );
    }
  }
}

/** What tells one I/O from another, beyond what the list asks for. */
const IO_ATTRIBUTES =
  /^(gatescope\.io\.unfinished|http\.request\.method|http\.response\.status_code|network\.peer\.port|server\.(address|port))$/;

function readTypes(span: ProtoReader): { name: string; attributes: [string, string][] } {
  let name = '';
  const attributes: [string, string][] = [];
  while (!span.isAtEnd) {
    const key = span.key();
    if (key === fieldKey(5, 2)) name = span.string();
    else if (key !== fieldKey(9, 2)) span.skip(key);
    else {
      const pair = span.message();
      let attribute = '';
      let type = '';
      while (!pair.isAtEnd) {
        const field = pair.key();
        if (field === fieldKey(1, 2)) attribute = pair.string();
        else if (field === fieldKey(2, 2)) {
          const value = pair.message();
          const kind = value.isAtEnd ? 0 : value.key();
          type = WIRE[kind] ?? `field ${kind}`;
        } else pair.skip(field);
      }
      attributes.push([attribute, type]);
    }
  }
  return { name, attributes };
}
