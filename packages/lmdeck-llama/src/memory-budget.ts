import { LmdeckError } from 'lmdeck/core';

/** A model that wants to be in memory. */
interface Resident {
  readonly id: string;
  /** What it takes, as far as its file tells. */
  readonly bytes: number;
  /** Frees the model when its running calls have ended. */
  readonly evict: () => Promise<void>;
}

/** A model's place in memory. */
export interface Residence {
  /**
   * What it really takes, once that is known; others are freed when that is more.
   * @throws LmdeckError `config` when it is more than the whole budget.
   */
  settle(bytes: number): Promise<void>;
  /** It is used now: others go first. */
  touch(): void;
  /** It is freed. */
  leave(): void;
}

/** Memory that several models share. */
export interface MemoryBudget {
  readonly bytes: number;
  /** What the models that are in memory take. */
  readonly usedBytes: number;
  /**
   * Waits until there is room; the models that were not used for longest are freed for it, each when its running calls have ended.
   * @throws LmdeckError `config` for a model that is larger than the whole budget.
   */
  admit(resident: Resident): Promise<Residence>;
}

interface Place extends Resident {
  takes: number;
  lastUsed: number;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 };

/**
 * A budget for models that are loaded together: `llama({ model, memory: budget })`. Who does not fit waits until the others are idle and takes their
 * place, so calls to several models in turn are served model by model. Do not leave an answer half read while you ask a model that
 * does not fit beside it: it would wait for the other's end.
 *
 * @param size bytes, or a text such as `8GB` or `512MiB`.
 * @throws LmdeckError `usage` for a size that is none.
 *
 * @example
 * ```ts
 * import { llama, memoryBudget } from 'lmdeck-llama';
 *
 * const memory = memoryBudget('2GB');
 * await using model = llama({ model: 'tiny', memory });
 * await model.load();
 * console.log(memory.usedBytes > 0); // true
 * ```
 */
export function memoryBudget(size: number | string): MemoryBudget {
  const bytes = typeof size === 'number' ? size : parsed(size);
  if (!(bytes >= 1))
    throw new LmdeckError('usage', `A memory budget is a number of bytes or a text such as 8GB, not ${JSON.stringify(size)}.`);
  return new Budget(bytes);
}

function parsed(text: string): number {
  const [, number = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  return Math.floor(Number(number === '' ? Number.NaN : number) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
}

class Budget implements MemoryBudget {
  readonly bytes: number;
  readonly #places = new Set<Place>();
  /** One after the other, in the order in which they came: a small one must not starve a large one. */
  #turn: Promise<unknown> = Promise.resolve();
  #uses = 0;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  get usedBytes(): number {
    let used = 0;
    for (const { takes } of this.#places) used += takes;
    return used;
  }

  admit(resident: Resident): Promise<Residence> {
    return this.#inTurn(async () => {
      await this.#makeRoom(resident, resident.bytes);
      const place: Place = { ...resident, takes: resident.bytes, lastUsed: this.#uses++ };
      this.#places.add(place);
      return {
        settle: (bytes) =>
          this.#inTurn(async () => {
            await this.#makeRoom(resident, bytes, place);
            place.takes = bytes;
          }),
        touch: () => {
          place.lastUsed = this.#uses++;
        },
        leave: () => {
          this.#places.delete(place);
        },
      };
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Frees models until `bytes` fit; `own` is the place of the one that asks, if it has one. */
  async #makeRoom({ id }: Resident, bytes: number, own?: Place): Promise<void> {
    if (bytes > this.bytes) {
      throw new LmdeckError(
        'config',
        `${id} takes about ${megabytes(bytes)}, more than the memory budget of ${megabytes(this.bytes)}. Raise it (LMDECK_LLAMA_MEMORY), or take a smaller model or context.`,
      );
    }
    while (this.usedBytes - (own?.takes ?? 0) + bytes > this.bytes) {
      let oldest: Place | undefined;
      for (const place of this.#places) if (place !== own && (oldest === undefined || place.lastUsed < oldest.lastUsed)) oldest = place;
      if (oldest === undefined) return;
      await oldest.evict();
      this.#places.delete(oldest);
    }
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`;
}
