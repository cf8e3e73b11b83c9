import { FIELDS } from './field-table.ts';
import { fieldNames } from './fields.ts';
import { SPAN_NAMES } from './span-names.ts';

/** The name that was probably meant by one that is no field, or null. */
export function fieldMeantBy(name: string): string | null {
  const near = nearest(name, fieldNames());
  if (near !== null) return near;
  if (/^spans?(\.|$)/.test(name)) return 'span("kong.router").duration';
  for (const { name: family, wildcard, written } of FIELDS) {
    if (!wildcard || written !== `${family}<name>`) continue;
    const parts = name.split('.');
    const dots = family.split('.').length - 1;
    if (parts.length <= dots || nearest(`${parts.slice(0, dots).join('.')}.`, [family]) === null) continue;
    const argument = parts.slice(dots).join('.');
    if (argument === '') return `${family}<name>`;
    return family + (family.endsWith('.headers.') ? argument.toLowerCase().replaceAll('-', '_') : argument);
  }
  return null;
}

/** The span that was probably meant by a name that none has, or null; a plugin's keeps the plugin's name. */
export function spanMeantBy(name: string): string | null {
  const near = nearest(
    name,
    SPAN_NAMES.filter((known) => !known.endsWith('*')),
  );
  if (near !== null) return near;
  for (const known of SPAN_NAMES) {
    if (!known.endsWith('*')) continue;
    const family = known.slice(0, -1);
    const dots = family.split('.').length - 1;
    const parts = name.split('.');
    if (parts.length <= dots || nearest(`${parts.slice(0, dots).join('.')}.`, [family]) === null) continue;
    return family + parts.slice(dots).join('.');
  }
  return null;
}

/** The candidate closest to a word, if close enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  if (a.length > 200 || b.length > 200) return Number.POSITIVE_INFINITY;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
