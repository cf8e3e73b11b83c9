import type { ErrorDetail } from '@gatescope/base';

/** What the engine says about a pattern that it does not take. */
interface SyntaxFailure {
  readonly error?: string;
  /** The part at fault, or the whole pattern. */
  readonly input?: string | null;
}

/** Where a pattern is wrong, and how to mend it. */
export function patternError(text: string, { error = 'syntax', input = null }: SyntaxFailure): ErrorDetail {
  const place = placeOf(text, error, input);
  return {
    message: `invalid pattern: ${error}${input === null ? '' : ` ${JSON.stringify(input)}`}`,
    column: place + 1,
    suggestion: mend(error, text.slice(place)),
  };
}

function placeOf(text: string, error: string, input: string | null): number {
  if (error.endsWith(')')) return unbalanced(text);
  return input === null ? text.length - 1 : Math.max(0, text.indexOf(input));
}

/** The parenthesis that has no other; classes hold none. */
function unbalanced(text: string): number {
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '[') at = Math.max(at, text.indexOf(']', at + 2));
    else if (text[at] === '(') open.push(at);
    else if (text[at] === ')' && open.pop() === undefined) return at;
  }
  return open.at(-1) ?? 0;
}

function mend(error: string, rest: string): string {
  if (/^\(\?<?[=!]/.test(rest)) return 'there is no look-around: match what stands around it too';
  if (/^\\[1-9]/.test(rest)) return 'there are no back-references: write the part twice';
  if (error.startsWith('missing closing )')) return 'close the group with ), or write \\( for the character';
  if (error.startsWith('unexpected )')) return 'open the group with (, or write \\) for the character';
  if (error.startsWith('missing closing ]')) return 'close the class with ], or write \\[ for the character';
  if (error.includes('repetition')) return 'a repetition follows a character, class or group, once';
  if (error.includes('repeat count')) return 'a repetition counts to 1000 at most, the lower bound first';
  if (error.startsWith('trailing backslash')) return 'write \\\\ for the character';
  return 'the syntax is that of RE2';
}
