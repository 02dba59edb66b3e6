import type { ModelRequest } from '../core/index.ts';

/** What would be asked, without asking. */
export interface Explanation {
  /** Exactly what would be sent. */
  readonly request: ModelRequest;
  /** The same to read: messages, schema, options. */
  readonly text: string;
}
