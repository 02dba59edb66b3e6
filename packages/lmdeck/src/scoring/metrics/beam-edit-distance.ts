/** What was done at one place when one text was rewritten into the other. */
export const NOTHING = 0;
const SUBSTITUTION = 1;
export const INSERTION = 2;
export const DELETION = 3;
const UNKNOWN = 4;

/** How far from the diagonal of the matrix cells are computed (Tercom's limit). */
const BEAM_WIDTH = 25;
const MAX_CACHED_ROWS = 10_000;
const FAR = 2 ** 31 - 1;

/** The number of edits between two texts, and which. */
export interface EditDistance {
  readonly cost: number;
  /** One code per edit, in the order of the texts. */
  readonly trace: readonly number[];
}

/** One row of the matrix: cost and edit for each number of reference words. */
interface Row {
  readonly costs: Int32Array;
  readonly edits: Uint8Array;
}

interface CachedRow {
  readonly row: Row;
  readonly next: Map<string, CachedRow>;
}

/**
 * Word edit distance to one reference as sacrebleu's port of Tercom computes it: within a beam around the diagonal, and keeping the rows of
 * beginnings that were seen before, because the candidates of a shift search share most of their words.
 */
export class BeamEditDistance {
  readonly #reference: readonly string[];
  readonly #firstRow: Row;
  readonly #cache = new Map<string, CachedRow>();
  #cachedRows = 0;

  constructor(reference: readonly string[]) {
    this.#reference = reference;
    this.#firstRow = {
      costs: Int32Array.from({ length: reference.length + 1 }, (_, i) => i),
      edits: new Uint8Array(reference.length + 1).fill(INSERTION),
    };
  }

  /** From the words to the reference; all words lists must have the same length, which the beam depends on. */
  distance(words: readonly string[]): EditDistance {
    const rows = [this.#firstRow];
    let cache: Map<string, CachedRow> | undefined = this.#cache;
    for (let i = 1; i <= words.length; i++) {
      const word = words[i - 1] ?? '';
      const cached: CachedRow | undefined = cache?.get(word);
      const row: Row = cached?.row ?? this.#row(words, i, rows[i - 1] ?? this.#firstRow);
      rows.push(row);
      cache = cached === undefined ? this.#remember(cache, word, row) : cached.next;
    }
    return { cost: rows.at(-1)?.costs.at(-1) ?? 0, trace: this.#trace(rows) };
  }

  #remember(cache: Map<string, CachedRow> | undefined, word: string, row: Row): Map<string, CachedRow> | undefined {
    if (cache === undefined || this.#cachedRows >= MAX_CACHED_ROWS) return undefined;
    const entry = { row, next: new Map<string, CachedRow>() };
    cache.set(word, entry);
    this.#cachedRows += 1;
    return entry.next;
  }

  #row(words: readonly string[], i: number, above: Row): Row {
    const size = this.#reference.length;
    const costs = new Int32Array(size + 1).fill(FAR);
    const edits = new Uint8Array(size + 1).fill(UNKNOWN);
    const ratio = size / words.length;
    // With lengths this different, rows would not overlap.
    const width = BEAM_WIDTH < ratio / 2 ? Math.ceil(ratio / 2 + BEAM_WIDTH) : BEAM_WIDTH;
    const diagonal = Math.floor(i * ratio);
    const end = i === words.length ? size + 1 : Math.min(size + 1, diagonal + width);
    const word = words[i - 1];
    for (let j = Math.max(0, diagonal - width); j < end; j++) {
      const up = above.costs[j] ?? FAR;
      if (j === 0) {
        costs[0] = up + 1;
        edits[0] = DELETION;
        continue;
      }
      const same = word === this.#reference[j - 1];
      let cost = (above.costs[j - 1] ?? FAR) + (same ? 0 : 1);
      let edit = same ? NOTHING : SUBSTITUTION;
      // Of equal costs: nothing or substitution, then deletion, then insertion. Tercom prefers insertion, but its trace is the other way round.
      if (up + 1 < cost) {
        cost = up + 1;
        edit = DELETION;
      }
      const left = costs[j - 1] ?? FAR;
      if (left + 1 < cost) {
        cost = left + 1;
        edit = INSERTION;
      }
      if (cost >= FAR) continue;
      costs[j] = cost;
      edits[j] = edit;
    }
    return { costs, edits };
  }

  #trace(rows: readonly Row[]): number[] {
    const trace: number[] = [];
    let i = rows.length - 1;
    let j = this.#reference.length;
    while (i > 0 || j > 0) {
      const edit = rows[i]?.edits[j] ?? UNKNOWN;
      trace.push(edit);
      if (edit !== INSERTION) i -= 1;
      if (edit !== DELETION) j -= 1;
    }
    return trace.toReversed();
  }
}
