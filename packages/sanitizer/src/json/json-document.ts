import type { NodeTable } from './node-table.ts';

/** What a JSON value is; `literal` is true, false, null or what should have been one of them. */
export const OBJECT = 0;
export const ARRAY = 1;
export const STRING = 2;
export const NUMBER = 3;
export const LITERAL = 4;

const BACKSLASH = 0x5c;
const decoder = new TextDecoder();

/**
 * JSON text as a table of values in the order of the text, each with its range. Reading never fails: what follows a mistake or is cut off
 * is not in the table. Takes several values one after the other, as in JSON lines.
 */
export class JsonDocument {
  readonly bytes: Uint8Array;
  readonly nodes: NodeTable;
  /** The values that are in no other. */
  readonly roots: readonly number[];
  /** Where reading ended: the first mistake, or the end of the text. */
  readonly readTo: number;
  /** False where the text ends, or a mistake is made, inside a value: it may have more members and elements than are known. */
  readonly isComplete: boolean;

  constructor(
    bytes: Uint8Array,
    nodes: NodeTable,
    roots: readonly number[],
    readTo: number,
    isComplete: boolean,
  ) {
    this.bytes = bytes;
    this.nodes = nodes;
    this.roots = roots;
    this.readTo = readTo;
    this.isComplete = isComplete;
  }

  /** Whether the text ends, or a mistake is made, inside the value: there may be more of it than is known. */
  isOpen(node: number): boolean {
    return (
      !this.isComplete &&
      this.nodes.subtreeEnds[node] === this.nodes.length &&
      this.nodes.ends[node] === this.readTo
    );
  }

  kind(node: number): number {
    return this.nodes.kinds[node]!;
  }

  /** Visits the members of an object or elements of an array in order, until the visitor returns false. */
  children(node: number, visit: (child: number, index: number) => boolean | undefined): void {
    const { subtreeEnds } = this.nodes;
    const end = subtreeEnds[node]!;
    let index = 0;
    for (let child = node + 1; child < end; child = subtreeEnds[child]!)
      if (visit(child, index++) === false) return;
  }

  /** The name of an object's member with its escapes decoded; null where the value is no member. */
  nameOf(node: number): string | null {
    const start = this.nodes.nameStarts[node]!;
    return start < 0 ? null : this.#string(start, this.nodes.nameEnds[node]!);
  }

  /** Whether the value is a member of this name, in whatever way the name is spelled. */
  isNamed(node: number, name: EncodedName): boolean {
    const start = this.nodes.nameStarts[node]! + 1;
    const end = this.nodes.nameEnds[node]! - 1;
    if (start === 0) return false;
    if (this.#hasBackslash(start, end)) return this.nameOf(node) === name.text;
    if (end - start !== name.bytes.length) return false;
    for (let at = start; at < end; at++) if (this.bytes[at] !== name.bytes[at - start]) return false;
    return true;
  }

  /** The text of a string with its escapes decoded. */
  stringOf(node: number): string {
    return this.#string(this.nodes.starts[node]!, this.nodes.ends[node]!);
  }

  /** A number or literal as it is written. */
  tokenOf(node: number): string {
    return decoder.decode(this.bytes.subarray(this.nodes.starts[node]!, this.nodes.ends[node]!));
  }

  #hasBackslash(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (this.bytes[at] === BACKSLASH) return true;
    return false;
  }

  #string(start: number, end: number): string {
    const text = decoder.decode(this.bytes.subarray(start, end));
    if (!text.includes('\\')) return text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined);
    try {
      return JSON.parse(text.replace(/[\x00-\x1f]/g, ' ')) as string;
    } catch {
      return text.slice(1);
    }
  }
}

/** A name to look for, encoded once. */
export interface EncodedName {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** The name as {@link JsonDocument.isNamed} takes it. */
export function encodeName(text: string): EncodedName {
  return { text, bytes: new TextEncoder().encode(text) };
}
