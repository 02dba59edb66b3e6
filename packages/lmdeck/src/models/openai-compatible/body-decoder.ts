import type { ModelEvent } from '../../core/index.ts';

/** Turns the bytes of an answer's body, split anywhere, into events. */
export interface BodyDecoder {
  /** True once the server said that the answer is complete: nothing after it counts. */
  readonly done: boolean;
  /**
   * Adds the events of these bytes to `out`.
   * @throws LmdeckError an error that the server sent, `invalid-response` for what is not the protocol.
   */
  push(bytes: Uint8Array, out: ModelEvent[]): void;
  /**
   * The body has ended.
   * @throws LmdeckError `incomplete-response` when the answer had not; what {@link BodyDecoder.push} throws.
   */
  end(out: ModelEvent[]): void;
  /** The body broke off, or what it said is an error: closes what is certain. */
  breakOff(out: ModelEvent[]): void;
}
