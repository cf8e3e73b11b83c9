import { compareEntries, type HostRule, type PathRule, type RouteEntry, RULE } from './route-entry.ts';
import type { RouteRequest } from './router.ts';

/** The entry found, what a regular expression captured, and what part of the path the entry's path matched. */
export interface Found {
  readonly entry: RouteEntry;
  readonly captures: Record<string, string> | null;
  readonly prefix: string | null;
}

/** Entries that set the same kinds of attribute, in the order they are tried, with buckets to narrow the search. */
interface Group {
  readonly rules: number;
  readonly entries: RouteEntry[];
  readonly byHost: Map<string, RouteEntry[]>;
  readonly byHeader: Map<string, RouteEntry[]>;
  readonly byPath: Map<string, RouteEntry[]>;
  readonly byMethod: Map<string, RouteEntry[]>;
  readonly bySni: Map<string, RouteEntry[]>;
}

/** What a request might match, found before any route is looked at. */
interface Hits {
  readonly hostWithPort: string;
  readonly hostWithoutPort: string;
  host: string | null;
  header: string | null;
  path: string | null;
}

/** All entries, grouped; the search itself. */
export class RouteTable {
  readonly #groups: Group[] = [];
  readonly #groupIndex = new Map<number, number>();
  readonly #plainHosts = new Set<string>();
  readonly #wildcardHosts: HostRule[] = [];
  readonly #headerNames: string[] = [];
  readonly #regexPaths: { rule: PathRule; priority: number }[] = [];
  readonly #plainPaths = new Set<string>();
  readonly #pathLengths: number[] = [];
  readonly #methods = new Set<string>();
  readonly #snis = new Set<string>();

  constructor(entries: readonly RouteEntry[]) {
    const groups = new Map<number, RouteEntry[]>();
    for (const entry of entries) {
      const group = groups.get(entry.rules);
      if (group === undefined) groups.set(entry.rules, [entry]);
      else group.push(entry);
      this.#index(entry);
    }
    const lengths = new Set([...this.#plainPaths].map((path) => path.length));
    this.#pathLengths.push(...[...lengths].sort((a, b) => b - a));
    this.#regexPaths.sort((a, b) => b.priority - a.priority);
    const sorted = [...groups].sort(
      ([a, [first]], [b, [second]]) => second!.ruleCount - first!.ruleCount || b - a,
    );
    for (const [rules, members] of sorted) {
      this.#groupIndex.set(rules, this.#groups.length);
      this.#groups.push(buildGroup(rules, members.sort(compareEntries)));
    }
  }

  /** The entry for a request whose normalised path is given, or null. */
  find(request: RouteRequest, path: string): Found | null {
    const hits = hitsOf(request);
    const category = this.#categorise(request, path, hits);
    if (category === 0) return null;
    for (let index = this.#groupIndex.get(category) ?? 0; index < this.#groups.length; index++) {
      const group = this.#groups[index]!;
      const reduced = reduce(group, request, path, hits);
      const found =
        (reduced === null ? null : firstMatch(reduced, request, path, hits)) ??
        firstMatch(group.entries, request, path, hits);
      if (found !== null) return found;
    }
    return null;
  }

  #index(entry: RouteEntry): void {
    for (const host of entry.hosts) {
      if (host.pattern === null) this.#plainHosts.add(host.value);
      else this.#wildcardHosts.push(host);
    }
    for (const { name } of entry.headers) if (!this.#headerNames.includes(name)) this.#headerNames.push(name);
    if (entry.path !== null) {
      if (entry.path.regex === null) this.#plainPaths.add(entry.path.value);
      else this.#regexPaths.push({ rule: entry.path, priority: entry.route.regex_priority });
    }
    for (const method of entry.methods) this.#methods.add(method);
    for (const sni of entry.snis) this.#snis.add(sni);
  }

  /** The bit mask of what the request hits, and which values it hits. */
  #categorise(request: RouteRequest, path: string, hits: Hits): number {
    let category = 0;
    // A plain host is looked for in its bucket under the Host as received, even where it matched without its port.
    if (this.#plainHosts.has(request.host) || this.#plainHosts.has(hits.hostWithoutPort))
      hits.host = request.host;
    else hits.host = this.#wildcardHosts.find((host) => host.pattern!.test(hits.hostWithPort))?.value ?? null;
    if (hits.host !== null) category |= RULE.host;
    hits.header = this.#headerNames.find((name) => request.headers(name).length > 0) ?? null;
    if (hits.header !== null) category |= RULE.header;
    hits.path = this.#pathHit(path);
    if (hits.path !== null) category |= RULE.path;
    if (this.#methods.has(request.method)) category |= RULE.method;
    if (request.scheme === 'https' && request.sni !== null && this.#snis.has(request.sni))
      category |= RULE.sni;
    return category;
  }

  #pathHit(path: string): string | null {
    for (const { rule } of this.#regexPaths) {
      rule.regex!.lastIndex = 0;
      if (rule.regex!.test(path)) return rule.value;
    }
    for (const length of this.#pathLengths) {
      if (length > path.length) continue;
      const prefix = path.slice(0, length);
      if (this.#plainPaths.has(prefix)) return prefix;
    }
    return null;
  }
}

function hitsOf(request: RouteRequest): Hits {
  const port = /:(\d+)$/.exec(request.host);
  const hostWithoutPort = port === null ? request.host : request.host.slice(0, -port[0].length);
  const hostWithPort =
    port === null ? `${request.host}:${request.scheme === 'https' ? 443 : 80}` : request.host;
  return { hostWithPort, hostWithoutPort, host: null, header: null, path: null };
}

function buildGroup(rules: number, entries: RouteEntry[]): Group {
  const group: Group = {
    rules,
    entries,
    byHost: new Map(),
    byHeader: new Map(),
    byPath: new Map(),
    byMethod: new Map(),
    bySni: new Map(),
  };
  for (const entry of entries) {
    for (const { value } of entry.hosts) addTo(group.byHost, value, entry);
    for (const { name } of entry.headers) addTo(group.byHeader, name, entry);
    if (entry.path !== null) addTo(group.byPath, entry.path.value, entry);
    for (const method of entry.methods) addTo(group.byMethod, method, entry);
    for (const sni of entry.snis) addTo(group.bySni, sni, entry);
  }
  return group;
}

function addTo(bucket: Map<string, RouteEntry[]>, key: string, entry: RouteEntry): void {
  const list = bucket.get(key);
  if (list === undefined) bucket.set(key, [entry]);
  else list.push(entry);
}

/** The smallest bucket the request falls into; one of headers is taken before all others. */
function reduce(group: Group, request: RouteRequest, path: string, hits: Hits): readonly RouteEntry[] | null {
  if ((group.rules & RULE.header) !== 0 && hits.header !== null) {
    const byHeader = group.byHeader.get(hits.header);
    if (byHeader !== undefined) return byHeader;
  }
  let smallest: readonly RouteEntry[] | null = null;
  const consider = (bucket: readonly RouteEntry[] | undefined) => {
    if (bucket !== undefined && (smallest === null || bucket.length < smallest.length)) smallest = bucket;
  };
  if ((group.rules & RULE.host) !== 0 && hits.host !== null) consider(group.byHost.get(hits.host));
  if ((group.rules & RULE.path) !== 0) consider(group.byPath.get(hits.path ?? path));
  if ((group.rules & RULE.method) !== 0) consider(group.byMethod.get(request.method));
  if ((group.rules & RULE.sni) !== 0 && request.sni !== null) consider(group.bySni.get(request.sni));
  return smallest;
}

function firstMatch(
  entries: readonly RouteEntry[],
  request: RouteRequest,
  path: string,
  hits: Hits,
): Found | null {
  for (const entry of entries) {
    const found = matchEntry(entry, request, path, hits);
    if (found !== null) return found;
  }
  return null;
}

function matchEntry(entry: RouteEntry, request: RouteRequest, path: string, hits: Hits): Found | null {
  if (entry.methods.size > 0 && !entry.methods.has(request.method)) return null;
  if (entry.hosts.length > 0 && !matchesHost(entry, request, hits)) return null;
  if (
    entry.snis.size > 0 &&
    request.scheme === 'https' &&
    (request.sni === null || !entry.snis.has(request.sni))
  )
    return null;
  if (!entry.headers.every((header) => matchesHeader(header, request.headers(header.name)))) return null;
  const { path: rule } = entry;
  if (rule === null) return { entry, captures: null, prefix: null };
  if (rule.regex === null)
    return path.startsWith(rule.value) ? { entry, captures: null, prefix: rule.value } : null;
  rule.regex.lastIndex = 0;
  const matched = rule.regex.exec(path);
  return matched === null ? null : { entry, captures: capturesOf(matched), prefix: matched[0] };
}

function matchesHost(entry: RouteEntry, request: RouteRequest, hits: Hits): boolean {
  if (entry.plainHosts.has(request.host) || entry.plainHosts.has(hits.hostWithoutPort)) return true;
  return entry.hosts.some((host) => host.pattern?.test(hits.hostWithPort) === true);
}

function matchesHeader(rule: RouteEntry['headers'][number], values: readonly string[]): boolean {
  return values.some((value) => {
    const lower = value.toLowerCase();
    return rule.pattern === null ? rule.values.has(lower) : rule.pattern.test(lower);
  });
}

function capturesOf(matched: RegExpExecArray): Record<string, string> | null {
  if (matched.length === 1) return null;
  const captures: Record<string, string> = {};
  for (let index = 1; index < matched.length; index++)
    if (matched[index] !== undefined) captures[index] = matched[index]!;
  for (const [name, value] of Object.entries(matched.groups ?? {}))
    if (value !== undefined) captures[name] = value;
  return captures;
}
