import type { Route } from '../config/entities.ts';

/** Kinds of attribute a route can set, as bits; a higher bit wins among equally many. */
export const RULE = { host: 0x40, header: 0x20, path: 0x10, method: 0x08, sni: 0x04 } as const;

const SUB_WILDCARD_HOST_PORT = 4;
const SUB_PLAIN_HOSTS_ONLY = 2;
const SUB_REGEX_PATH = 1;

export interface HostRule {
  /** As configured. */
  readonly value: string;
  /** Of a wildcard: what the Host with its port must match from its start. */
  readonly pattern: RegExp | null;
}

export interface PathRule {
  /** As configured, `~` included. */
  readonly source: string;
  /** A prefix, or the regular expression's source. */
  readonly value: string;
  /** Sticky, so that it matches at the start alone. */
  readonly regex: RegExp | null;
}

export interface HeaderRule {
  readonly name: string;
  /** Lower-case alternatives. */
  readonly values: ReadonlySet<string>;
  readonly pattern: RegExp | null;
}

/** A route with one of its paths, prepared for matching. */
export interface RouteEntry {
  readonly route: Route;
  readonly rules: number;
  readonly ruleCount: number;
  readonly subWeight: number;
  readonly hosts: readonly HostRule[];
  readonly plainHosts: ReadonlySet<string>;
  readonly headers: readonly HeaderRule[];
  readonly path: PathRule | null;
  readonly methods: ReadonlySet<string>;
  readonly snis: ReadonlySet<string>;
}

/** The entries of all routes, oldest route first. */
export function compileEntries(routes: readonly Route[]): RouteEntry[] {
  const byAge = [...routes].sort(
    (a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  return byAge.flatMap((route) => {
    const paths = route.paths.length === 0 ? [null] : route.paths;
    return paths.map((path) => compileEntry(route, path === null ? null : compilePath(path)));
  });
}

/** Order inside a group: which of two entries is tried first. */
export function compareEntries(a: RouteEntry, b: RouteEntry): number {
  if (a.subWeight !== b.subWeight) return b.subWeight - a.subWeight;
  if (a.headers.length !== b.headers.length) return b.headers.length - a.headers.length;
  if ((a.subWeight & SUB_REGEX_PATH) !== 0 && a.route.regex_priority !== b.route.regex_priority) {
    return b.route.regex_priority - a.route.regex_priority;
  }
  const byLength = plainLength(b) - plainLength(a);
  if (byLength !== 0) return byLength;
  if (a.route.created_at !== b.route.created_at) return a.route.created_at - b.route.created_at;
  return a.route.id < b.route.id ? -1 : a.route.id > b.route.id ? 1 : 0;
}

function plainLength(entry: RouteEntry): number {
  return entry.path === null || entry.path.regex !== null ? 0 : entry.path.value.length;
}

function compileEntry(route: Route, path: PathRule | null): RouteEntry {
  const hosts = route.hosts.map(compileHost);
  const headers = Object.entries(route.headers).map(([name, values]) =>
    compileHeader(name.toLowerCase(), values),
  );
  const wildcards = hosts.filter((host) => host.pattern !== null);
  let rules = 0;
  if (hosts.length > 0) rules |= RULE.host;
  if (headers.length > 0) rules |= RULE.header;
  if (path !== null) rules |= RULE.path;
  if (route.methods.length > 0) rules |= RULE.method;
  if (route.snis.length > 0) rules |= RULE.sni;
  let subWeight = 0;
  if (wildcards.some((host) => /:\d+$/.test(host.value))) subWeight |= SUB_WILDCARD_HOST_PORT;
  if (hosts.length > 0 && wildcards.length === 0) subWeight |= SUB_PLAIN_HOSTS_ONLY;
  if (path?.regex) subWeight |= SUB_REGEX_PATH;
  return {
    route,
    rules,
    ruleCount: [RULE.host, RULE.header, RULE.path, RULE.method, RULE.sni].filter(
      (rule) => (rules & rule) !== 0,
    ).length,
    subWeight,
    hosts,
    plainHosts: new Set(hosts.filter((host) => host.pattern === null).map((host) => host.value)),
    headers,
    path,
    methods: new Set(route.methods),
    snis: new Set(route.snis),
  };
}

function compileHost(value: string): HostRule {
  if (!value.includes('*')) return { value, pattern: null };
  const escaped = value.replaceAll(/[.[\]]/g, '\\$&').replace('*', '.+');
  const withPort = /:\d+$/.test(value);
  return { value, pattern: new RegExp(`^${escaped}${withPort ? '' : '(?::\\d+)?'}$`, 's') };
}

function compileHeader(name: string, values: readonly string[]): HeaderRule {
  const [only] = values;
  if (values.length === 1 && only?.startsWith('~*'))
    return { name, values: new Set(), pattern: new RegExp(only.slice(2)) };
  return { name, values: new Set(values.map((value) => value.toLowerCase())), pattern: null };
}

/** Paths are matched as bytes, one character each, since that is how they come. */
function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').latin1Slice();
}

function compilePath(configured: string): PathRule {
  const source = asBytes(configured);
  if (!source.startsWith('~')) return { source, value: source, regex: null };
  const value = source.slice(1);
  // Named groups are written (?P<name>…) by some; ECMAScript has the other spelling.
  return { source, value, regex: new RegExp(value.replaceAll('(?P<', '(?<'), 'y') };
}
