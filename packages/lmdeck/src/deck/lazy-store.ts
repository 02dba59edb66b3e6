import {
  atExit,
  LmdeckError,
  type CallEnd,
  type CallStart,
  type CallStore,
  type ClosestCalls,
  type ClosestOptions,
  type ModelRequest,
  type Sample,
  type RecordedAnswer,
} from '../core/index.ts';

/** How long the first writes wait; about as long as a tape gathers what it writes. */
const WAIT_MS = 20;

/**
 * A store that is opened when it is needed. The first writes wait a moment: opening a database costs milliseconds, in which
 * the request of the call should be on its way and a quick answer be shown. When opening fails, calls go on unrecorded and
 * `flush` tells why; what can still be read is found all the same.
 */
export class LazyStore implements CallStore {
  readonly #open: () => CallStore;
  readonly #openToRead: () => CallStore;
  #reader: CallStore | undefined;
  #isUnreadable = false;
  #store: CallStore | undefined;
  #failure: LmdeckError | undefined;
  #waiting: ((store: CallStore) => void)[] = [];
  #scheduled: NodeJS.Timeout | undefined;
  #forgetExit: () => void = () => {};

  /**
   * @param open called at most once.
   * @param openToRead called at most once, when `open` has failed and something is looked for.
   */
  constructor(open: () => CallStore, openToRead: () => CallStore) {
    this.#open = open;
    this.#openToRead = openToRead;
  }

  start(call: CallStart): void {
    this.#write((store) => store.start(call));
  }

  checkpoint(id: string, samples: readonly Sample[]): void {
    this.#write((store) => store.checkpoint(id, samples));
  }

  finish(id: string, end: CallEnd): void {
    this.#write((store) => store.finish(id, end));
  }

  find(requestKey: string, which?: 'newest' | 'oldest'): RecordedAnswer | undefined {
    return this.#readable()?.find(requestKey, which);
  }

  closest(request: ModelRequest, options?: ClosestOptions): ClosestCalls {
    return this.#readable()?.closest(request, options) ?? { calls: [], compared: 0, complete: true };
  }

  async flush(): Promise<void> {
    if (this.#waiting.length > 0) this.settle();
    if (this.#failure !== undefined) throw this.#failure;
    await this.#store?.flush();
  }

  /** Hands over what waits; the store, unless it cannot be opened. */
  settle(): CallStore | undefined {
    clearTimeout(this.#scheduled);
    this.#forgetExit();
    if (this.#store === undefined && this.#failure === undefined) {
      try {
        this.#store = this.#open();
      } catch (error) {
        this.#failure = LmdeckError.from(error, 'tape');
      }
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const write of waiting) {
      try {
        if (this.#store !== undefined) write(this.#store);
      } catch {
        // Here nobody could catch it: one call that cannot be kept must not end the process, nor the calls behind it.
      }
    }
    return this.#store;
  }

  /** The store, or what can be read of it where it may not be written. */
  #readable(): CallStore | undefined {
    const store = this.settle() ?? this.#reader;
    if (store !== undefined || this.#isUnreadable) return store;
    try {
      return (this.#reader = this.#openToRead());
    } catch {
      // Why it cannot be opened is told by `flush`.
      this.#isUnreadable = true;
      return undefined;
    }
  }

  #write(write: (store: CallStore) => void): void {
    if (this.#failure !== undefined) return;
    if (this.#store !== undefined) return write(this.#store);
    this.#waiting.push(write);
    if (this.#waiting.length > 1) return;
    this.#scheduled = setTimeout(() => this.settle(), WAIT_MS);
    this.#forgetExit = atExit(this.#onExit);
  }

  /** `process.exit` within the wait: a store writes what it has before it first waits for something. */
  readonly #onExit = (): void => void this.flush().catch(() => undefined);
}
