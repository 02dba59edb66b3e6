import type { CallFeed, CallStore, EndedCall, StoredCall } from '../core/index.ts';
import type { ModelIdentity, ReplayKey } from './replay-key.ts';

/** Recorded calls of one key, by their number in the store, oldest first. */
export interface Recorded {
  readonly ok: readonly number[];
  /** Those that failed or that their reader left. */
  readonly failed: readonly number[];
}

const NOTHING: Recorded = { ok: [], failed: [] };

/**
 * The calls of a store by what of their requests counts. Read once at the first question; from then on only what has ended since. Costs
 * about 80 bytes for each call of the store.
 */
export class Recordings {
  readonly #key: ReplayKey;
  readonly #feed: CallFeed;
  /** By the first 52 bits of the key; the few that agree in these without being equal are told apart when they are found. */
  readonly #ok = new NumberLists();
  readonly #failed = new NumberLists();

  constructor(feed: CallFeed, key: ReplayKey) {
    this.#feed = feed;
    this.#key = key;
  }

  /** What is recorded for a request, everything that has ended by now included. */
  find(key: string): Recorded {
    for (const call of this.#feed.read()) (call.status === 'ok' ? this.#ok : this.#failed).add(bucket(this.#keyOf(call)), call.seq);
    const ok = this.#ok.get(bucket(key));
    const failed = this.#failed.get(bucket(key));
    return ok.length === 0 && failed.length === 0 ? NOTHING : { ok, failed };
  }

  /** A recorded call; `undefined` when it is gone, or of another key that only looks the same. */
  call(seq: number, key: string): StoredCall | undefined {
    const call = this.#feed.call(seq);
    if (call === undefined) return undefined;
    const stored = this.#key.isExact ? call.requestKey : this.#key.of(identityOf(call), call.request, undefined);
    return stored === key ? call : undefined;
  }

  #keyOf(call: EndedCall): string {
    return this.#key.isExact ? call.requestKey : this.#key.of(identityOf(call), call.request, call.promptHash);
  }
}

/** The recordings of a store; `undefined` for one that can only look up whole requests. */
export function recordingsOf(store: CallStore, key: ReplayKey, runId: string | undefined): Recordings | undefined {
  const feed = store.feed?.({ runId });
  return feed === undefined ? undefined : new Recordings(feed, key);
}

export function identityOf({ model, endpoint, revision }: Pick<EndedCall, 'model' | 'endpoint' | 'revision'>): ModelIdentity {
  return { id: model, endpoint, revision };
}

/** Lists of ascending numbers; most have one. */
class NumberLists {
  readonly #lists = new Map<number, number | number[]>();

  add(key: number, value: number): void {
    const list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, value);
    else if (typeof list === 'number') this.#lists.set(key, list < value ? [list, value] : [value, list]);
    else list.splice(placeOf(list, value), 0, value);
  }

  get(key: number): readonly number[] {
    const list = this.#lists.get(key);
    return typeof list === 'number' ? [list] : (list ?? []);
  }
}

/** Calls that ran at the same time need not end in the order in which they started. */
function placeOf(list: readonly number[], value: number): number {
  let place = list.length;
  while (place > 0 && (list[place - 1] ?? 0) > value) place--;
  return place;
}

function bucket(key: string): number {
  return Number.parseInt(key.slice(0, 13), 16);
}
