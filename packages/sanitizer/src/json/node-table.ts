const FIRST_CAPACITY = 64;

/** The values of a JSON document, one row each, in the order of the text; so what a value holds are the rows that follow it. */
export class NodeTable {
  length = 0;
  kinds = new Uint8Array(FIRST_CAPACITY);
  starts = new Int32Array(FIRST_CAPACITY);
  /** Excluded. */
  ends = new Int32Array(FIRST_CAPACITY);
  /** The row after the last one that the value holds. */
  subtreeEnds = new Int32Array(FIRST_CAPACITY);
  /** -1 where there is none. */
  parents = new Int32Array(FIRST_CAPACITY);
  /** The range of a member's name with its quotes; -1 where the value is no member. */
  nameStarts = new Int32Array(FIRST_CAPACITY);
  nameEnds = new Int32Array(FIRST_CAPACITY);

  /** Adds a row and returns its number. */
  add(kind: number, start: number, parent: number, nameStart: number, nameEnd: number): number {
    if (this.length === this.kinds.length) this.#grow();
    const node = this.length++;
    this.kinds[node] = kind;
    this.starts[node] = start;
    this.parents[node] = parent;
    this.nameStarts[node] = nameStart;
    this.nameEnds[node] = nameEnd;
    return node;
  }

  /** Says where a value ends, once all that it holds has been added. */
  close(node: number, end: number): void {
    this.ends[node] = end;
    this.subtreeEnds[node] = this.length;
  }

  /** The last value that begins at or before a position; -1 where there is none. */
  lastStartingBy(position: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #grow(): void {
    const kinds = new Uint8Array(this.kinds.length * 2);
    kinds.set(this.kinds);
    this.kinds = kinds;
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    this.subtreeEnds = grown(this.subtreeEnds);
    this.parents = grown(this.parents);
    this.nameStarts = grown(this.nameStarts);
    this.nameEnds = grown(this.nameEnds);
  }
}

function grown(column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(column.length * 2);
  larger.set(column);
  return larger;
}
