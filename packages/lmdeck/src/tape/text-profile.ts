import { UnitBuffer } from './unit-buffer.ts';

const UNIT_BUCKETS = 128;
const PAIR_BUCKETS = 1024;

/** How often each code unit, or each pair of neighbours, occurs in a text; folded into buckets. */
export class TextProfile {
  /** Code units of the text. */
  length = 0;
  readonly counts: Int32Array;

  constructor(buckets: number) {
    this.counts = new Int32Array(buckets);
  }

  /** Becomes the same as another one. */
  copy(other: TextProfile | undefined): this {
    this.length = other?.length ?? 0;
    if (other === undefined) this.counts.fill(0);
    else this.counts.set(other.counts);
    return this;
  }

  /** How many units or pairs are in both, at most. */
  common(other: TextProfile): number {
    const a = this.counts;
    const b = other.counts;
    let both = 0;
    for (let i = 0; i < a.length; i++) both += Math.min(a[i] ?? 0, b[i] ?? 0);
    return both;
  }
}

/** Makes profiles of texts. */
export class TextProfiler {
  readonly #buffer = new UnitBuffer();

  /** The units of `text`. */
  units(text: string): TextProfile {
    return this.addUnits(text, new TextProfile(UNIT_BUCKETS));
  }

  /** Adds the units of `text`, as if it followed what was counted before. */
  addUnits(text: string, profile: TextProfile): TextProfile {
    const { counts } = profile;
    const units = this.#buffer.read(text);
    const { length } = text;
    for (let i = 0; i < length; i++) {
      const bucket = (units[i] ?? 0) & (UNIT_BUCKETS - 1);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    profile.length += length;
    return profile;
  }

  /** The pairs of `text`, into `profile` where one is given. */
  pairs(text: string, profile: TextProfile = new TextProfile(PAIR_BUCKETS)): TextProfile {
    const { counts } = profile;
    counts.fill(0);
    const units = this.#buffer.read(text);
    const { length } = text;
    for (let i = 1, before = units[0] ?? 0; i < length; i++) {
      const unit = units[i] ?? 0;
      const bucket = (Math.imul(before, 31) ^ Math.imul(unit, 7)) & (PAIR_BUCKETS - 1);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      before = unit;
    }
    profile.length = length;
    return profile;
  }
}
