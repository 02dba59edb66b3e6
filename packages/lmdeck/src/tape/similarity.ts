import type { SimilarityKind } from '../core/index.ts';
import { Indel } from './indel.ts';
import { Levenshtein } from './levenshtein.ts';
import type { TextProfile } from './text-profile.ts';

/** Matrices of at least so many cells are first tried with low limits, when the text is expected to be very alike. */
const LARGE = 250_000;

/**
 * How alike texts are to one text, 0 to 1, counted in UTF-16 code units (a character beyond U+FFFF counts as two).
 * `levenshtein`: 1 − distance ÷ length of the longer text, where an exchanged unit is one edit. `indel`: 1 − distance ÷ both lengths,
 * where it is two: 2 · LCS ÷ both lengths, the `ratio` of Python's rapidfuzz and Levenshtein packages.
 */
export class Similarity {
  readonly #length: number;
  readonly #kind: SimilarityKind;
  readonly #kernel: Levenshtein | Indel;

  constructor(text: string, kind: SimilarityKind) {
    this.#length = text.length;
    this.#kind = kind;
    this.#kernel = kind === 'indel' ? new Indel(text) : new Levenshtein(text);
  }

  /** Steps of the kernel so far: what comparing costs. */
  get work(): number {
    return this.#kernel.work;
  }

  /** No less than the similarity to a text with `length` units of which so many are in both, wherever they stand. */
  bound(length: number, commonUnits: number): number {
    const distance = this.#kind === 'indel' ? this.#length + length - 2 * commonUnits : Math.max(this.#length, length) - commonUnits;
    return this.#score(distance, length);
  }

  /** As {@link bound}, by the neighbouring pairs of units: each edit makes or breaks three of them at most. */
  pairBound(mine: TextProfile, other: TextProfile): number {
    const both = mine.common(other);
    const gone = Math.max(0, mine.length - 1) - both;
    const come = Math.max(0, other.length - 1) - both;
    const more = mine.length - other.length;
    // A deletion takes two pairs and makes one, an insertion takes one and makes two; an exchange takes two and makes two.
    const edits = this.#kind === 'indel' ? Math.max((2 * gone - more) / 3, (2 * come + more) / 3) : Math.max(gone, come) / 2;
    return this.#score(Math.ceil(edits), other.length);
  }

  /**
   * The similarity to `text`, or `undefined` when it is less than `least`.
   * @param likely true when the text is expected to be very alike: then it is found out at a fraction of the cost.
   */
  score(text: string, least: number, likely = false): number | undefined {
    const limit = this.#limit(least, text.length);
    if (likely && this.#length * text.length >= LARGE) {
      for (let low = 64; low * 2 < limit; low *= 4) {
        const distance = this.#kernel.distance(text, low);
        if (distance !== Infinity) return this.#score(distance, text.length);
      }
    }
    const distance = this.#kernel.distance(text, limit);
    return distance === Infinity ? undefined : this.#score(distance, text.length);
  }

  #score(distance: number, length: number): number {
    const total = this.#total(length);
    return total === 0 ? 1 : 1 - distance / total;
  }

  #total(length: number): number {
    return this.#kind === 'indel' ? this.#length + length : Math.max(this.#length, length);
  }

  /** The greatest distance whose score, rounded as scores are, is at least `least`. */
  #limit(least: number, length: number): number {
    const total = this.#total(length);
    let limit = Math.floor((1 - least) * total);
    while (limit < total && this.#score(limit + 1, length) >= least) limit++;
    while (limit >= 0 && this.#score(limit, length) < least) limit--;
    return limit;
  }
}
