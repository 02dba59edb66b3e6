/**
 * Why an answer ended, the same for every provider: `stop` (by itself or at a stop sequence), `length` (token limit),
 * `tool-calls`, `content-filter`, `error`, `other` (a reason that has no place here: see `raw`).
 */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'error' | 'other';

/** How one sample ended. */
export interface Finish {
  readonly reason: FinishReason;
  /** The provider's own word; absent when it sent none. */
  readonly raw?: string;
}
