import type { Diagnostics } from './diagnostic.ts';
import type { Token, TokenKind } from './token.ts';
import { unitNamed } from './units.ts';

/** Tokens of one rule, at most. */
export const TOKENS_MAX = 4_096;

const OPERATORS = ['==', '!=', '^=', '=^', '>=', '<=', '>', '<', '~'];
const WORD = /[A-Za-z_][A-Za-z0-9_.]*(?:-[A-Za-z0-9_.]+)*/y;
const ADDRESS =
  /(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:\d{1,3}(?:\.\d{1,3}){3})?)(?:\/\d{1,3})?(?![\w.:])/y;
const MEMBER = /\.[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(-?)(?:(0x[0-9A-Fa-f]+)|(\d+(?:\.\d+)?))([a-zA-Z]+)?/y;
const SPACE = /\s+/y;

/** Whether the text is a single word, so that it needs no quotes. */
export function isWord(text: string): boolean {
  WORD.lastIndex = 0;
  return WORD.exec(text)?.[0] === text;
}

/** What a sign on its own is taken for, once it has been told. */
const MEANT: Readonly<Record<string, { kind: TokenKind; value: string; what: string }>> = {
  '=': { kind: 'operator', value: '==', what: 'equality' },
  '&': { kind: 'and', value: '&&', what: 'and' },
  '|': { kind: 'or', value: '||', what: 'or' },
};

/** Cuts a rule into tokens. Never fails: what is not understood is told, and left out or taken for what was meant. The last token is `end`. */
export function tokenize(text: string, diagnostics: Diagnostics): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const push = (kind: TokenKind, end: number, value: string | number) => {
    tokens.push({ kind, text: text.slice(at, end), value, start: at, end });
    at = end;
  };
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    if (tokens.length >= TOKENS_MAX) {
      diagnostics.error(`a rule has ${TOKENS_MAX} words and signs at most`, at, at + 1);
      break;
    }
    const space = match(SPACE);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const character = text[at]!;
    if (character === '(' || character === ')' || character === '[' || character === ']' || character === ',')
      push(character, at + 1, character);
    else if (text.startsWith('&&', at)) push('and', at + 2, '&&');
    else if (text.startsWith('||', at)) push('or', at + 2, '||');
    else if (text.startsWith('r#"', at)) readRaw(text, at, diagnostics, push);
    else if (character === '"' || character === "'") readString(text, at, diagnostics, push);
    else {
      const operator = OPERATORS.find((one) => text.startsWith(one, at));
      const address = match(ADDRESS);
      const member = character === '.' ? match(MEMBER) : null;
      if (operator !== undefined) push('operator', at + operator.length, operator);
      else if (character === '!') push('not', at + 1, '!');
      else if (member !== null) push('member', at + member[0].length, member[0].slice(1));
      else if (address !== null) push('address', at + address[0].length, address[0]);
      else if (/[\d-]/.test(character)) readNumber(match(NUMBER), text, at, diagnostics, push);
      else if (/[A-Za-z_]/.test(character)) readWord(match(WORD)![0], at, push);
      else {
        const sign = String.fromCodePoint(text.codePointAt(at)!);
        const meant = MEANT[sign];
        const hint = meant === undefined ? null : `${meant.what} is written ${meant.value}`;
        diagnostics.error(`unexpected ${JSON.stringify(sign)}`, at, at + sign.length, hint);
        if (meant !== undefined) push(meant.kind, at + 1, meant.value);
        else at += sign.length;
      }
    }
  }
  at = text.length;
  push('end', at, '');
  return tokens;
}

type Push = (kind: TokenKind, end: number, value: string | number) => void;

function readWord(word: string, at: number, push: Push): void {
  const kind =
    word === 'and'
      ? 'and'
      : word === 'or'
        ? 'or'
        : word === 'not'
          ? 'not'
          : word === 'in' || word === 'contains'
            ? 'operator'
            : 'word';
  push(kind, at + word.length, word);
}

function readNumber(
  matched: RegExpExecArray | null,
  text: string,
  at: number,
  diagnostics: Diagnostics,
  push: Push,
): void {
  if (matched === null) {
    diagnostics.error(`unexpected ${JSON.stringify(text[at])}`, at, at + 1);
    push('number', at + 1, 0);
    return;
  }
  const [whole, sign, hexadecimal, decimal, unitName] = matched;
  const unit = unitName === undefined || hexadecimal !== undefined ? undefined : unitNamed(unitName);
  if (unitName !== undefined && unit === undefined) {
    const hint =
      hexadecimal === undefined
        ? 'units are ns, us, ms, s, m, h and b, kb, mb, gb'
        : 'a hexadecimal number has no unit';
    diagnostics.error(`unknown unit ${unitName}`, at, at + whole.length, hint);
  }
  const value = hexadecimal === undefined ? readDecimal(decimal!) : Number(hexadecimal);
  if (!Number.isFinite(value)) diagnostics.error('number out of range', at, at + whole.length);
  push('number', at + whole.length, (sign === '-' ? -value : value) * (unit?.factor ?? 1));
}

/** Decimal, or octal with a leading 0 as in ATC. */
function readDecimal(digits: string): number {
  return /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readString(text: string, start: number, diagnostics: Diagnostics, push: Push): void {
  const quote = text[start]!;
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === quote) {
      push('string', at + 1, value);
      return;
    }
    if (character !== '\\') {
      value += character;
      continue;
    }
    const escaped = text[++at];
    if (escaped === undefined) break;
    const resolved = ESCAPES[escaped];
    if (resolved === undefined)
      diagnostics.error(
        `unknown escape \\${escaped}`,
        at - 1,
        at + 1,
        'escapes are \\" \\\\ \\n \\r \\t; use r#"…"# for a pattern',
      );
    else value += resolved;
  }
  diagnostics.error('the text has no closing quote', start, text.length, `add ${quote}`);
  push('string', text.length, value);
}

function readRaw(text: string, start: number, diagnostics: Diagnostics, push: Push): void {
  const end = text.indexOf('"#', start + 3);
  if (end < 0) diagnostics.error('the raw text has no closing "#', start, text.length, 'add "#');
  const stop = end < 0 ? text.length : end;
  push('string', end < 0 ? stop : end + 2, text.slice(start + 3, stop));
}
