import {
  type CallStore,
  type CallTrace,
  LmdeckError,
  type Model,
  type ModelRequest,
  type RecordedAnswer,
  type StoredCall,
} from '../core/index.ts';
import { callIdentity } from './call-identity.ts';
import { type Recordings, recordingsOf } from './recordings.ts';
import { ReplayKey } from './replay-key.ts';
import type { ReplayOptions } from './replay.ts';

/** A recorded call as it is given again. */
export type Replayed = RecordedAnswer & Partial<Pick<StoredCall, 'status' | 'error' | 'durationMs'>>;

/** What a lookup came to: a recorded call, or how often the request was recorded and how often it was asked by now. */
export type LookupResult = { readonly call: Replayed } | { readonly call?: undefined; readonly recorded: number; readonly asked: number };

/** Finds the recorded call for a request, as the options of a replay say. */
export class ReplayLookup {
  readonly key: ReplayKey;
  readonly #store: CallStore;
  readonly #options: ReplayOptions;
  readonly #recordings: Recordings | undefined;
  /** Whether a call that did not end well is a recording too. */
  readonly #failures: boolean;
  /** True when the store's own lookup finds everything but failed calls. */
  readonly #isPlain: boolean;
  /** How often each key was asked for. */
  readonly #asked = new Map<string, number>();

  /** @throws LmdeckError `usage` for options that there are not, or that this store cannot serve. */
  constructor(store: CallStore, options: ReplayOptions) {
    const { on = 'fail', order, timing, runId } = options;
    this.key = new ReplayKey(options);
    this.#store = store;
    this.#options = options;
    this.#failures = options.errors ?? on === 'fail';
    this.#recordings = recordingsOf(store, this.key, runId);
    this.#isPlain = this.key.isExact && order !== 'sequence' && timing !== 'recorded' && runId === undefined;
    if (this.#recordings === undefined && !this.#isPlain) {
      throw new LmdeckError(
        'usage',
        "replay: this store looks up whole requests alone. `relax`, `normalize`, `runId`, `timing: 'recorded'` and `order: 'sequence'` need one that has `feed`, as tapes and fixtures do.",
      );
    }
  }

  /** @param trace of the call: for what is computed once for all wrappers. */
  find(model: Model, request: ModelRequest, trace: CallTrace): LookupResult {
    const { requestKey, messageHashes } = callIdentity(model, request, trace);
    if (this.#isPlain) {
      const call = this.#store.find(requestKey, this.#options.order === 'first' ? 'oldest' : 'newest');
      if (call !== undefined) return { call };
    }
    const recordings = this.#recordings;
    if (recordings === undefined || (this.#isPlain && !this.#failures)) return { recorded: 0, asked: 1 };
    const key = this.key.isExact ? requestKey : this.key.of(model, request, messageHashes.at(-1));
    return this.#options.order === 'sequence' ? this.#next(recordings, key) : this.#best(recordings, key);
  }

  /** The first or last call that ended well; failing these, the first or last that did not. */
  #best(recordings: Recordings, key: string): LookupResult {
    const { ok, failed } = recordings.find(key);
    for (const seqs of this.#failures ? [ok, failed] : [ok]) {
      for (const seq of this.#options.order === 'first' ? seqs : seqs.toReversed()) {
        const call = recordings.call(seq, key);
        if (call !== undefined) return { call };
      }
    }
    return { recorded: 0, asked: 1 };
  }

  /** For the n-th question the n-th call. Counts at once, so that questions asked at the same time get theirs in the order in which they began. */
  #next(recordings: Recordings, key: string): LookupResult {
    const asked = (this.#asked.get(key) ?? 0) + 1;
    this.#asked.set(key, asked);
    const { ok, failed } = recordings.find(key);
    let seqs = this.#failures && failed.length > 0 ? [...ok, ...failed].sort((a, b) => a - b) : ok;
    let call = recordings.call(this.#place(seqs, asked), key);
    if (call === undefined && seqs.length > 0) {
      // A number that is not what it seems: a call that was deleted, or two keys that begin alike.
      seqs = seqs.filter((seq) => recordings.call(seq, key) !== undefined);
      call = recordings.call(this.#place(seqs, asked), key);
    }
    return call === undefined ? { recorded: seqs.length, asked } : { call };
  }

  #place(seqs: readonly number[], asked: number): number {
    const { afterLast = 'miss' } = this.#options;
    const seq = afterLast === 'restart' && seqs.length > 0 ? seqs[(asked - 1) % seqs.length] : seqs[asked - 1];
    return seq ?? (afterLast === 'repeat' ? seqs.at(-1) : undefined) ?? -1;
  }
}
