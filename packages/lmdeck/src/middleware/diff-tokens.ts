/** A stretch of two token lists that is the same in both or only in one; `end` is exclusive. */
export interface Hunk {
  readonly kind: 'same' | 'removed' | 'added';
  /** Positions in the list before for `same` and `removed`, in the list after for `added`. */
  readonly start: number;
  readonly end: number;
}

/**
 * The least changes that make one list of tokens into another; `undefined` when it takes more than `mostEdits`.
 * Source: Myers 1986, "An O(ND) difference algorithm and its variations", the greedy form: time and memory grow with the differences.
 */
export function diffTokens(before: readonly string[], after: readonly string[], mostEdits: number): Hunk[] | undefined {
  let start = 0;
  let beforeEnd = before.length;
  let afterEnd = after.length;
  while (start < beforeEnd && start < afterEnd && before[start] === after[start]) start++;
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--;
    afterEnd--;
  }
  const a = before.slice(start, beforeEnd);
  const b = after.slice(start, afterEnd);
  const trace = furthestPaths(a, b, Math.min(mostEdits, a.length + b.length));
  if (trace === undefined) return undefined;
  const hunks: Hunk[] = [];
  if (start > 0) hunks.push({ kind: 'same', start: 0, end: start });
  for (const { kind, start: from, end } of walkBack(a, b, trace)) hunks.push({ kind, start: from + start, end: end + start });
  if (beforeEnd < before.length) hunks.push({ kind: 'same', start: beforeEnd, end: before.length });
  return hunks;
}

/** For each number of edits, how far along `a` every diagonal can be followed; the last one reaches the end. */
function furthestPaths(a: readonly string[], b: readonly string[], mostEdits: number): Int32Array[] | undefined {
  const trace: Int32Array[] = [];
  let last = new Int32Array(1);
  for (let edits = 0; edits <= mostEdits; edits++) {
    // Diagonal k (position in a less position in b) is at (k + edits) / 2: every second one cannot be reached.
    const reached = new Int32Array(edits + 1);
    for (let k = -edits; k <= edits; k += 2) {
      let x = edits === 0 ? 0 : isDown(last, k, edits) ? at(last, k + 1, edits - 1) : at(last, k - 1, edits - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reached[(k + edits) / 2] = x;
      if (x >= a.length && x - k >= b.length) {
        trace.push(reached);
        return trace;
      }
    }
    trace.push(reached);
    last = reached;
  }
  return undefined;
}

/** True when diagonal `k` is best reached by a token of `b`, from the diagonal above. */
function isDown(last: Int32Array, k: number, edits: number): boolean {
  return k === -edits || (k !== edits && at(last, k - 1, edits - 1) < at(last, k + 1, edits - 1));
}

function at(reached: Int32Array, k: number, edits: number): number {
  return reached[(k + edits) / 2] ?? 0;
}

function walkBack(a: readonly string[], b: readonly string[], trace: readonly Int32Array[]): Hunk[] {
  const hunks: Hunk[] = [];
  const add = (kind: Hunk['kind'], start: number, end: number): void => {
    if (start === end) return;
    const next = hunks.at(-1);
    if (next?.kind === kind && next.start === end) hunks[hunks.length - 1] = { kind, start, end: next.end };
    else hunks.push({ kind, start, end });
  };
  let x = a.length;
  let y = b.length;
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const last = trace[edits - 1] ?? new Int32Array(1);
    const k = x - y;
    const down = isDown(last, k, edits);
    const from = at(last, down ? k + 1 : k - 1, edits - 1);
    const afterEdit = down ? from : from + 1;
    add('same', afterEdit, x);
    if (down) add('added', afterEdit - k - 1, afterEdit - k);
    else add('removed', from, from + 1);
    x = from;
    y = from - (down ? k + 1 : k - 1);
  }
  add('same', 0, x);
  return removedFirst(hunks.toReversed());
}

/** Where something was exchanged, first what went, then what came, each in one stretch. */
function removedFirst(hunks: readonly Hunk[]): Hunk[] {
  const ordered: Hunk[] = [];
  for (let i = 0; i < hunks.length;) {
    const changed: Hunk[] = [];
    for (let hunk = hunks[i]; hunk !== undefined && hunk.kind !== 'same'; hunk = hunks[++i]) changed.push(hunk);
    for (const kind of ['removed', 'added'] as const) {
      const all = changed.filter((hunk) => hunk.kind === kind);
      const [first] = all;
      if (first !== undefined) ordered.push({ kind, start: first.start, end: all.at(-1)?.end ?? first.end });
    }
    const same = hunks[i];
    if (same !== undefined) {
      ordered.push(same);
      i++;
    }
  }
  return ordered;
}
