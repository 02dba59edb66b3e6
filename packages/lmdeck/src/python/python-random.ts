import { LmdeckError } from '../core/index.ts';

const WORDS = 624;
const SHIFT = 397;

/**
 * CPython's `random.Random(seed)`: the Mersenne Twister MT19937, seeded and read as CPython does, so that the same seed gives the same
 * numbers, samples and permutations. Not for secrets.
 *
 * @example
 * ```ts
 * import { PythonRandom } from 'lmdeck/scoring';
 *
 * console.log(new PythonRandom(1234).sample([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)); // [ 7, 1, 0 ]
 * ```
 */
export class PythonRandom {
  readonly #state = new Int32Array(WORDS);
  /** The state's words as they are given out. */
  readonly #words = new Int32Array(WORDS);
  #next = WORDS;

  /** `seed`: any integer; its sign does not count, as in CPython. */
  constructor(seed: number | bigint) {
    if (typeof seed === 'number' && !Number.isSafeInteger(seed)) throw usage(`the seed must be a whole number, not ${seed}`);
    this.#seed(BigInt(seed));
  }

  /** A float in [0, 1), of 53 random bits. */
  random(): number {
    const high = this.#word() >>> 5;
    const low = this.#word() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  /** A whole number of `bits` random bits, 0 to 53. */
  getrandbits(bits: number): number {
    if (!Number.isInteger(bits) || bits < 0 || bits > 53) throw usage(`getrandbits gives 0 to 53 bits, not ${bits}`);
    if (bits === 0) return 0;
    if (bits <= 32) return this.#word() >>> (32 - bits);
    const low = this.#word();
    return (this.#word() >>> (64 - bits)) * 0x100000000 + low;
  }

  /** A whole number from `start` (default 0) up to but not including `stop`, in steps of `step`. */
  randrange(stop: number): number;
  randrange(start: number, stop: number, step?: number): number;
  randrange(first: number, second?: number, step = 1): number {
    const [start, stop] = second === undefined ? [0, first] : [first, second];
    const width = Math.ceil((stop - start) / step);
    if (!(width > 0)) throw usage(`empty range for randrange(${start}, ${stop}, ${step})`);
    return start + step * this.#below(width);
  }

  /** `k` items without replacement, in the order drawn. */
  sample<T>(population: readonly T[], k: number): T[] {
    const size = population.length;
    if (!Number.isInteger(k) || k < 0 || k > size) throw usage(`a sample of ${k} from ${size} items`);
    // CPython decides by the memory of a set of k against that of a list of all: which draws are made depends on it.
    let setSize = 21;
    if (k > 5) {
      let power = 1;
      while (power < k * 3) power *= 4;
      setSize += power;
    }
    return pick(population, size <= setSize ? this.#sampleFromPool(size, k) : this.#sampleBySet(size, k));
  }

  /** `k` items with replacement. With `weights` (one per item, not negative, not all zero) in proportion to them. */
  choices<T>(population: readonly T[], k: number, weights?: readonly number[]): T[] {
    const drawn = new Uint32Array(k);
    if (weights === undefined) this.fillChoices(drawn, population.length);
    else this.#fillWeighted(drawn, population.length, weights);
    return pick(population, drawn);
  }

  /** Fills `indices` with the positions that `choices` without weights draws from a population of `size`; allocates nothing. */
  fillChoices(indices: Uint32Array, size: number): void {
    if (size === 0 && indices.length > 0) throw usage('cannot choose from an empty sequence');
    const words = this.#words;
    let next = this.#next;
    for (let i = 0; i < indices.length; i++) {
      let draw: number;
      if (next + 1 < WORDS) {
        draw = ((words[next] ?? 0) >>> 5) * 0x4000000 + ((words[next + 1] ?? 0) >>> 6);
        next += 2;
      } else {
        this.#next = next;
        draw = (this.#word() >>> 5) * 0x4000000 + (this.#word() >>> 6);
        next = this.#next;
      }
      // The division is by a power of two, hence exact; storing into a Uint32Array drops the fraction, which is CPython's floor.
      indices[i] = (draw / 0x20000000000000) * size;
    }
    this.#next = next;
  }

  /** A copy in the order into which `Random.shuffle` brings a list. */
  shuffled<T>(items: readonly T[]): T[] {
    const order = Uint32Array.from(items.keys());
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.#below(i + 1);
      const index = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = index;
    }
    return pick(items, order);
  }

  #sampleFromPool(size: number, k: number): Uint32Array {
    const pool = Uint32Array.from({ length: size }, (_, i) => i);
    const drawn = new Uint32Array(k);
    for (let i = 0; i < k; i++) {
      const j = this.#below(size - i);
      drawn[i] = pool[j] ?? 0;
      pool[j] = pool[size - i - 1] ?? 0;
    }
    return drawn;
  }

  #sampleBySet(size: number, k: number): Set<number> {
    const selected = new Set<number>();
    while (selected.size < k) selected.add(this.#below(size));
    return selected;
  }

  #fillWeighted(indices: Uint32Array, size: number, weights: readonly number[]): void {
    if (weights.length !== size) throw usage(`${weights.length} weights for ${size} items`);
    let total = 0;
    const cumulative = weights.map((weight) => (total += weight));
    if (!(total > 0) || !Number.isFinite(total)) throw usage(`the weights add up to ${total}; their sum must be greater than zero`);
    for (let i = 0; i < indices.length; i++) indices[i] = bisectRight(cumulative, this.random() * total, size - 1);
  }

  /** `Random._randbelow`: draws of just enough bits until one is small enough. */
  #below(n: number): number {
    const bits = n > 0xffffffff ? 32 + bitLength(Math.floor(n / 0x100000000)) : bitLength(n);
    let drawn = this.getrandbits(bits);
    while (drawn >= n) drawn = this.getrandbits(bits);
    return drawn;
  }

  #word(): number {
    if (this.#next >= WORDS) {
      twist(this.#state);
      temper(this.#state, this.#words);
      this.#next = 0;
    }
    return (this.#words[this.#next++] ?? 0) >>> 0;
  }

  /** `init_by_array` over the seed's 32-bit words, least significant first. */
  #seed(seed: bigint): void {
    const key: number[] = [];
    for (let rest = seed < 0n ? -seed : seed; rest > 0n; rest >>= 32n) key.push(Number(rest & 0xffffffffn));
    if (key.length === 0) key.push(0);
    const state = this.#state;
    state[0] = 19650218;
    for (let i = 1; i < WORDS; i++) state[i] = Math.imul(1812433253, mixed(state, i)) + i;
    let i = 1;
    let j = 0;
    for (let k = Math.max(WORDS, key.length); k > 0; k--) {
      state[i] = ((state[i] ?? 0) ^ Math.imul(mixed(state, i), 1664525)) + (key[j] ?? 0) + j;
      i = stepped(state, i);
      j = j + 1 === key.length ? 0 : j + 1;
    }
    for (let k = WORDS - 1; k > 0; k--) {
      state[i] = ((state[i] ?? 0) ^ Math.imul(mixed(state, i), 1566083941)) - i;
      i = stepped(state, i);
    }
    state[0] = 0x80000000;
  }
}

/** The word before `i`, its high bits folded in. */
function mixed(state: Int32Array, i: number): number {
  const before = state[i - 1] ?? 0;
  return before ^ (before >>> 30);
}

/** The next index; past the end the last word becomes the first. */
function stepped(state: Int32Array, i: number): number {
  if (i + 1 < WORDS) return i + 1;
  state[0] = state[WORDS - 1] ?? 0;
  return 1;
}

function twist(state: Int32Array): void {
  for (let i = 0; i < WORDS - SHIFT; i++) state[i] = (state[i + SHIFT] ?? 0) ^ twisted(state[i] ?? 0, state[i + 1] ?? 0);
  for (let i = WORDS - SHIFT; i < WORDS - 1; i++) state[i] = (state[i + SHIFT - WORDS] ?? 0) ^ twisted(state[i] ?? 0, state[i + 1] ?? 0);
  state[WORDS - 1] = (state[SHIFT - 1] ?? 0) ^ twisted(state[WORDS - 1] ?? 0, state[0] ?? 0);
}

function twisted(word: number, after: number): number {
  const bits = (word & 0x80000000) | (after & 0x7fffffff);
  return (bits >>> 1) ^ (-(bits & 1) & 0x9908b0df);
}

function temper(state: Int32Array, words: Int32Array): void {
  for (let i = 0; i < WORDS; i++) {
    let bits = state[i] ?? 0;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    words[i] = bits ^ (bits >>> 18);
  }
}

/** `int.bit_length`, for 0 to 2^32 - 1. */
function bitLength(n: number): number {
  return 32 - Math.clz32(n);
}

/** `bisect.bisect(values, x, 0, high)`. */
function bisectRight(values: readonly number[], x: number, high: number): number {
  let low = 0;
  let end = high;
  while (low < end) {
    const middle = (low + end) >>> 1;
    if (x < (values[middle] ?? 0)) end = middle;
    else low = middle + 1;
  }
  return low;
}

function pick<T>(items: readonly T[], indices: Iterable<number>): T[] {
  return Array.from(indices).flatMap((index) => items.slice(index, index + 1));
}

function usage(message: string): LmdeckError {
  return new LmdeckError('usage', `PythonRandom: ${message}.`);
}
