import type { JsonObject, ModelEvent } from '../../core/index.ts';

/** Puts an answer together from the objects of its event stream. Pure: no I/O, no clock. */
export interface StreamedAnswer {
  /** The server has said that nothing more comes. */
  readonly done: boolean;
  /** Nothing is missing, whether or not the server said so. */
  readonly isComplete: boolean;
  /**
   * Adds the events of one object to `out`.
   * @throws LmdeckError the error that it carries.
   */
  push(chunk: JsonObject, out: ModelEvent[]): void;
  /**
   * Closes the answer: metadata, usage, finish reasons.
   * @param complete false when the answer broke off: then only what is certain is closed.
   */
  end(out: ModelEvent[], complete: boolean): void;
}
