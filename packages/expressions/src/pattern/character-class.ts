/** Which characters are taken for each other: all by Unicode's simple case folding, those of ASCII alone, or none. */
export type CaseFolding = 'none' | 'ascii' | 'unicode';

/** A set of code points. */
export interface CharacterClass {
  /** Unlike that of any other set. */
  readonly key: string;
  accepts(code: number): boolean;
}

/** One character. */
export function characterOf(code: number, folding: CaseFolding): CharacterClass {
  if (folding === 'none') return { key: `=${code}`, accepts: (other) => other === code };
  return classOf(classSource(code), folding);
}

/** The set that a class in the syntax of JavaScript's flag `v` stands for; it knows Unicode's properties and how to fold case. */
export function classOf(source: string, folding: CaseFolding): CharacterClass {
  const pattern = new RegExp(`^${source}$`, folding === 'unicode' ? 'iv' : 'v');
  const accepts = (code: number) => pattern.test(String.fromCodePoint(code));
  return {
    key: `${folding} ${source}`,
    accepts: folding === 'ascii' ? (code) => accepts(code) || accepts(otherCase(code)) : accepts,
  };
}

/** A character, or the closed range up to another, in the syntax of a class. */
export function classSource(code: number, last = code): string {
  const from = `\\u{${code.toString(16)}}`;
  return last === code ? from : `${from}-\\u{${last.toString(16)}}`;
}

/** What `\d`, `\s` and `\w` stand for. */
export function perlClass(letter: 'd' | 's' | 'w', isUnicode: boolean): string {
  return (isUnicode ? UNICODE : ASCII)[letter];
}

const UNICODE = {
  d: '[\\p{Nd}]',
  s: '[\\p{White_Space}]',
  w: '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]',
};
const ASCII = { d: '[0-9]', s: '[\\t-\\r ]', w: '[0-9A-Z_a-z]' };

/** The sets of ASCII that go by a name, such as `[:alpha:]`. */
export const POSIX: Readonly<Record<string, string>> = {
  alnum: '[0-9A-Za-z]',
  alpha: '[A-Za-z]',
  ascii: '[\\0-\\x7f]',
  blank: '[\\t ]',
  cntrl: '[\\0-\\x1f\\x7f]',
  digit: '[0-9]',
  graph: '[!-\\~]',
  lower: '[a-z]',
  print: '[ -\\~]',
  punct: '[!-\\/:-@\\[-`\\{-\\~]',
  space: '[\\t-\\r ]',
  upper: '[A-Z]',
  word: '[0-9A-Z_a-z]',
  xdigit: '[0-9A-Fa-f]',
};

const OWN_NAMES: Readonly<Record<string, string>> = {
  any: '[^]',
  ascii: '[\\0-\\x7f]',
  assigned: '[\\P{Cn}]',
};
const QUERIES: Readonly<Record<string, string>> = {
  gc: 'General_Category',
  generalcategory: 'General_Category',
  sc: 'Script',
  script: 'Script',
  scx: 'Script_Extensions',
  scriptextensions: 'Script_Extensions',
};

/** The class of a Unicode property (`L`, `Greek`, `sc=Greek`, in any case, with or without `_`); null where there is none of that name. */
export function propertyClass(name: string): string | null {
  const [query, value] = name.split(/[=:]/, 2) as [string, string?];
  if (value !== undefined) {
    const known = QUERIES[loose(query)];
    return known === undefined ? null : firstValid(spellings(value).map((text) => `${known}=${text}`));
  }
  const own = OWN_NAMES[loose(name).replace(/^is/, '')];
  if (own !== undefined) return own;
  const names = spellings(name);
  return firstValid([...names, ...names.map((text) => `Script=${text}`)]);
}

function firstValid(queries: readonly string[]): string | null {
  for (const query of queries) {
    if (!/^[\w=]+$/.test(query)) continue;
    try {
      new RegExp(`\\p{${query}}`, 'v');
      return `[\\p{${query}}]`;
    } catch {}
  }
  return null;
}

/** How a name may be spelt that was written in any case, with any sign between its words. */
function spellings(name: string): string[] {
  const text = name.trim().replace(/^is[-_ ]?(?=.)/i, '');
  const words = text
    .split(/[-_ ]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
  return [name, text, words.join('_'), text.toUpperCase(), text.toLowerCase()];
}

function loose(name: string): string {
  return name.replaceAll(/[-_ ]/g, '').toLowerCase();
}

function otherCase(code: number): number {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ? code ^ 32 : code;
}
