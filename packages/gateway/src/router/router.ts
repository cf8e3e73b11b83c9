import { normalizePath } from '@gatescope/base';
import type { Route, Service } from '../config/entities.ts';
import { escapePath } from './escape-path.ts';
import { compileEntries, type RouteEntry } from './route-entry.ts';
import { RouteTable } from './route-table.ts';
import { upstreamPath } from './upstream-path.ts';

/** What the router looks at. */
export interface RouteRequest {
  readonly method: string;
  /** The Host as received, with port if it came with one. */
  readonly host: string;
  /** The request target in origin-form, with its query. */
  readonly target: string;
  readonly scheme: 'http' | 'https';
  readonly sni: string | null;
  /** Values of the field of that lower-case name, in the order they came. */
  headers(lowerName: string): readonly string[];
}

/** The route found and where it leads. */
export interface RouteMatch {
  readonly route: Route;
  readonly service: Service | null;
  /** Path for the upstream, normalised and escaped, without the query. */
  readonly upstreamPath: string;
  /** The same before escaping. */
  readonly upstreamUri: string;
  /** The path of the route that matched, as configured; null for a route without paths. */
  readonly matchedPath: string | null;
  /** What `strip_path` took away; null where nothing was. */
  readonly prefix: string | null;
  readonly captures: Readonly<Record<string, string>> | null;
}

/** The answer of {@link Router.match}. */
export interface RouteResult {
  readonly match: RouteMatch | null;
  readonly cacheHit: boolean;
}

/** Matches remembered; beyond it the older half is forgotten. */
const CACHE_ENTRIES_MAX = 2_048;
const CACHE_KEY_CHARACTERS_MAX = 1_024;

/** Finds routes as Kong's traditional router does. Compiled once from a configuration, then read-only but for its cache. */
export class Router {
  readonly #table: RouteTable;
  readonly #headerNames: readonly string[];
  #young = new Map<string, RouteMatch | null>();
  #old = new Map<string, RouteMatch | null>();

  constructor(routes: readonly Route[]) {
    const entries = compileEntries(routes);
    this.#table = new RouteTable(entries);
    this.#headerNames = [...new Set(entries.flatMap((entry) => entry.headers.map((header) => header.name)))];
  }

  /** The route for a request, from the cache where the same was asked before. */
  match(request: RouteRequest): RouteResult {
    const query = request.target.indexOf('?');
    const rawPath = query < 0 ? request.target : request.target.slice(0, query);
    const key = this.#keyOf(request, rawPath);
    if (key !== null) {
      const young = this.#young.get(key);
      if (young !== undefined) return { match: young, cacheHit: true };
      const old = this.#old.get(key);
      if (old !== undefined) {
        this.#remember(key, old);
        return { match: old, cacheHit: true };
      }
    }
    const match = this.#find(request, normalizePath(rawPath));
    if (key !== null) this.#remember(key, match);
    return { match, cacheHit: false };
  }

  /** Everything that matching reads, as one text; null for a request too long to be worth remembering. */
  #keyOf(request: RouteRequest, rawPath: string): string | null {
    let key = `${request.scheme} ${request.method} ${request.host} ${rawPath}`;
    if (request.scheme === 'https') key += ` ${request.sni ?? ''}`;
    for (const name of this.#headerNames) key += `\n${request.headers(name).join('\r')}`;
    return key.length > CACHE_KEY_CHARACTERS_MAX ? null : key;
  }

  #remember(key: string, match: RouteMatch | null): void {
    if (this.#young.size >= CACHE_ENTRIES_MAX / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    // A copy, since a key cut from a request's head would keep it alive.
    this.#young.set(Buffer.from(key, 'latin1').latin1Slice(), match);
  }

  #find(request: RouteRequest, path: string): RouteMatch | null {
    const found = this.#table.find(request, path);
    return found === null ? null : toMatch(found.entry, found.captures, found.prefix, path);
  }
}

/** Compiles routes into a router. */
export function compileRouter(routes: readonly Route[]): Router {
  return new Router(routes);
}

function toMatch(
  entry: RouteEntry,
  captures: Record<string, string> | null,
  prefix: string | null,
  path: string,
): RouteMatch {
  const { route } = entry;
  const base = route.service?.path ?? '/';
  const upstreamUri = upstreamPath(
    path,
    prefix,
    base,
    route.strip_path && prefix !== null,
    route.path_handling,
  );
  return {
    route,
    service: route.service,
    upstreamUri,
    upstreamPath: escapePath(upstreamUri),
    matchedPath: entry.path?.source ?? null,
    prefix: route.strip_path ? prefix : null,
    captures,
  };
}
