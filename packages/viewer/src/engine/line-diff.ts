/** A line of a comparison: in both texts, or in one of them. Numbers count from 1; null on the side that lacks the line. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
  readonly before: number | null;
  readonly after: number | null;
}

/** Differing lines of one side beyond which no shortest answer is looked for: what lies between is shown as replaced whole. */
export const DIFF_EDITS_MAX = 1_000;

/** Compares two texts line by line (Myers, "An O(ND) difference algorithm", 1986). */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = linesOf(before);
  const b = linesOf(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const middle = edits(a.slice(start, endA), b.slice(start, endB));
  const lines: DiffLine[] = [];
  let atA = 0;
  let atB = 0;
  const push = (kind: DiffLine['kind']) => {
    const before_ = kind === 'added' ? null : ++atA;
    const after_ = kind === 'removed' ? null : ++atB;
    const text = before_ === null ? b[after_! - 1]! : a[before_ - 1]!;
    lines.push({ kind, text, before: before_, after: after_ });
  };
  for (let at = 0; at < start; at++) push('same');
  for (const kind of middle) push(kind);
  while (atA < a.length) push('same');
  return lines;
}

/** A run of lines around changes, with what is left out before it. */
export interface DiffHunk {
  /** Equal lines left out between the hunk before and this one. */
  readonly skipped: number;
  readonly lines: readonly DiffLine[];
}

/** The changed lines with `context` equal ones around them; the last hunk may be empty and only say what is left out at the end. */
export function diffHunks(lines: readonly DiffLine[], context = 3): DiffHunk[] {
  const near = lines.map(() => false);
  lines.forEach(({ kind }, index) => {
    if (kind === 'same') return;
    for (let at = Math.max(0, index - context); at <= Math.min(lines.length - 1, index + context); at++)
      near[at] = true;
  });
  const hunks: DiffHunk[] = [];
  let skipped = 0;
  for (let from = 0; from < lines.length; ) {
    if (!near[from]) {
      skipped++;
      from++;
      continue;
    }
    let to = from;
    while (to < lines.length && near[to]) to++;
    hunks.push({ skipped, lines: lines.slice(from, to) });
    skipped = 0;
    from = to;
  }
  if (skipped > 0 && hunks.length > 0) hunks.push({ skipped, lines: [] });
  return hunks;
}

/** How many lines were added and removed. */
export function diffCounts(lines: readonly DiffLine[]): { readonly added: number; readonly removed: number } {
  const count = (kind: DiffLine['kind']) =>
    lines.reduce((sum, line) => sum + (line.kind === kind ? 1 : 0), 0);
  return { added: count('added'), removed: count('removed') };
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The shortest way from `a` to `b`; removals come before additions. */
function edits(a: readonly string[], b: readonly string[]): DiffLine['kind'][] {
  const whole = (): DiffLine['kind'][] => [
    ...a.map((): 'removed' => 'removed'),
    ...b.map((): 'added' => 'added'),
  ];
  if (a.length === 0 || b.length === 0) return whole();
  const most = Math.min(a.length + b.length, DIFF_EDITS_MAX);
  const offset = most + 1;
  let reach = new Int32Array(2 * most + 3);
  const steps: Int32Array[] = [];
  for (let depth = 0; depth <= most; depth++) {
    steps.push(reach.slice());
    const next = reach.slice();
    for (let k = -depth; k <= depth; k += 2) {
      const isDown = k === -depth || (k !== depth && reach[offset + k - 1]! < reach[offset + k + 1]!);
      let x = isDown ? reach[offset + k + 1]! : reach[offset + k - 1]! + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      next[offset + k] = x;
      if (x >= a.length && y >= b.length) return wayBack(steps, a.length, b.length, offset);
    }
    reach = next;
  }
  return whole();
}

function wayBack(
  steps: readonly Int32Array[],
  lengthA: number,
  lengthB: number,
  offset: number,
): DiffLine['kind'][] {
  const kinds: DiffLine['kind'][] = [];
  let x = lengthA;
  let y = lengthB;
  for (let depth = steps.length - 1; depth > 0; depth--) {
    const reach = steps[depth]!;
    const k = x - y;
    const isDown = k === -depth || (k !== depth && reach[offset + k - 1]! < reach[offset + k + 1]!);
    const fromK = isDown ? k + 1 : k - 1;
    const fromX = reach[offset + fromK]!;
    const fromY = fromX - fromK;
    while (x > fromX && y > fromY) {
      kinds.push('same');
      x--;
      y--;
    }
    kinds.push(isDown ? 'added' : 'removed');
    x = fromX;
    y = fromY;
  }
  while (x > 0) {
    kinds.push('same');
    x--;
  }
  return kinds.reverse();
}
