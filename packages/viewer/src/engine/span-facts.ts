import type { AttributeBlock } from '@gatescope/protocol';

/** What the skeleton leaves out of a span: kind, status message, attributes, events. */
export type SpanFacts = AttributeBlock['spans'][number];

/** Spans in one block of attributes; the server gives no more at once. */
export const BLOCK_SPANS = 200;

/** The block a row's facts are in, by the row it begins with. */
export function blockStart(row: number): number {
  return row - (row % BLOCK_SPANS);
}

/** The facts of a row out of the blocks that have been loaded, or null. */
export function factsIn(blocks: readonly AttributeBlock[], row: number): SpanFacts | null {
  for (const block of blocks) {
    const facts = block.spans[row - block.from];
    if (row >= block.from && facts !== undefined) return facts;
  }
  return null;
}

/** An attribute as text; null where it is absent or no text. */
export function textAttribute(facts: SpanFacts | null, name: string): string | null {
  const value = facts?.attributes[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** An attribute as a number; null where it is absent or no number. */
export function numberAttribute(facts: SpanFacts | null, name: string): number | null {
  const value = facts?.attributes[name];
  return typeof value === 'number' ? value : null;
}
