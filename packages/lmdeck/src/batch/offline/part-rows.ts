import type { ErrorInfo, JsonObject, ModelRequest } from '../../core/index.ts';

interface Place {
  readonly index: number;
  readonly id: string;
  readonly place: string;
  /** The row as it was read; with its first request only. */
  readonly input?: JsonObject;
}

/** A request of a row: what a job asks. */
export interface AskedRow extends Place {
  /** Names the request in every job that asks it: the row's index, and which sample where a row takes several requests. */
  readonly key: string;
  readonly request: ModelRequest;
}

/** A row that no job can ask. */
interface RefusedRow extends Place {
  readonly error: ErrorInfo;
}

/** A request that was answered before. */
interface AnsweredRow extends Place {
  readonly callId: string;
}

/** A line of a part. */
export type PartRow = AskedRow | RefusedRow | AnsweredRow;

/** The id of a request in a job: the job's label tells whose it is. Letters, digits, `_` and `-`, at most 64. */
export function customIdOf(label: string, key: string): string {
  return `${label}_${key}`;
}

/** The key in a custom id; `undefined` when it is none of this label's. */
export function keyOf(label: string, customId: string): string | undefined {
  return customId.startsWith(`${label}_`) ? customId.slice(label.length + 1) : undefined;
}
