import type { ErrorInfo, JsonObject, ModelRequest } from '../core/index.ts';

interface RowPlace {
  /** Position in the source, from 0; outcomes keep this order. */
  readonly index: number;
  /** The row's own id (`id`, `custom_id`), else its index. */
  readonly id: string;
  /** Where it stands, for messages: `prompts.jsonl:17`. */
  readonly place: string;
}

/** One row of a batch, ready to be asked. */
export interface BatchRow extends RowPlace {
  /** The row as it was read, for outputs that join it. */
  readonly input: JsonObject;
  /** What is asked, the row's own options and samples included. */
  readonly request: ModelRequest;
  /** The row's own model; absent: that of the run. */
  readonly model?: string;
}

/** A row that cannot be asked, and why: an outcome like any other. */
export interface MalformedRow extends RowPlace {
  readonly error: ErrorInfo;
}
