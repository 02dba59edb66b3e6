import { LmdeckError, type CallStore } from '../core/index.ts';
import { openTape, type Tape } from '../tape/index.ts';
import { LazyStore } from './lazy-store.ts';

/** The tape of a deck: opened when it is first read or written, closed once. */
export class DeckTape {
  readonly #path: string | undefined;
  readonly #readOnly: boolean;
  readonly #mapped: boolean;
  #tape: Tape | undefined;
  /** Of a file that may not be written. */
  #reader: Tape | undefined;
  #store: LazyStore | undefined;
  #closed = false;

  constructor(path: string | undefined, readOnly: boolean, mapped: boolean) {
    this.#path = path;
    this.#readOnly = readOnly;
    this.#mapped = mapped;
  }

  /** @throws LmdeckError `tape` when it cannot be opened, `usage` when there is none. */
  async open(): Promise<Tape> {
    const open = await this.#opener();
    // Reading sees what was written before.
    this.#store?.settle();
    return open();
  }

  /** The tape as calls use it: opened by the first one, and not being able to is no reason for a call to fail. */
  async store(): Promise<CallStore> {
    const open = await this.#opener();
    return (this.#store ??= new LazyStore(open, this.#openToRead));
  }

  /** @throws LmdeckError `tape` when something could not be written. */
  async close(): Promise<void> {
    this.#closed = true;
    try {
      await this.#store?.flush();
    } finally {
      await Promise.all([this.#tape?.close(), this.#reader?.close()]);
    }
  }

  readonly #openToRead = (): Tape => (this.#reader ??= openTape(this.#path ?? '', { readOnly: true, mapped: this.#mapped }));

  async #opener(): Promise<() => Tape> {
    const path = this.#path;
    if (path === undefined) throw new LmdeckError('usage', 'This deck was opened without a tape ({ tape: false }).');
    if (this.#closed) throw new LmdeckError('usage', 'This deck is closed.');
    return () => (this.#tape ??= openTape(path, { readOnly: this.#readOnly, mapped: this.#mapped }));
  }
}
