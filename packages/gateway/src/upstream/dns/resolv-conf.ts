import { readFileSync } from 'node:fs';

/** What the system says of looking names up, besides its servers. */
export interface ResolvConf {
  /** Domains that are appended to names; 6 at most. */
  readonly search: readonly string[];
  /** Names with fewer dots are looked for in the domains first. */
  readonly ndots: number;
  readonly timeoutMs: number;
  /** How often a question that nobody answers is asked of all servers. */
  readonly rounds: number;
}

/** Domains of a search list, as in resolv.conf(5). */
const SEARCH_MAX = 6;

/** Reads resolv.conf(5). A file that can't be read says nothing. */
export function readResolvConf(path = '/etc/resolv.conf'): ResolvConf {
  let text = '';
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    // What such a file would say is optional.
  }
  let search: readonly string[] = [];
  const options = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [word, ...rest] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (word === 'search' || word === 'domain')
      search = rest.map((domain) => domain.replace(/\.$/, '')).filter((domain) => domain !== '');
    if (word !== 'options') continue;
    for (const [name, value] of rest.map((option) => option.split(':'))) options.set(name!, Number(value));
  }
  const option = (name: string, fallback: number, min: number, max: number) => {
    const value = options.get(name);
    return value === undefined || !Number.isInteger(value) ? fallback : Math.min(max, Math.max(min, value));
  };
  return {
    search: search.slice(0, SEARCH_MAX),
    ndots: option('ndots', 1, 0, 15),
    timeoutMs: option('timeout', 2, 1, 30) * 1_000,
    rounds: option('attempts', 2, 1, 5),
  };
}
