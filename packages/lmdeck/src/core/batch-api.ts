import type { ErrorInfo } from './error.ts';
import type { JsonObject } from './json.ts';
import type { ModelEvent } from './model-event.ts';
import type { ModelRequest } from './model-request.ts';

/** What a provider takes as one job. Absent means no limit is known. */
export interface BatchLimits {
  readonly maxRows?: number;
  /** Size of the request file or body, bytes. */
  readonly maxBytes?: number;
  /** Tokens of all jobs that wait or run, together. */
  readonly maxEnqueuedTokens?: number;
  /** Samples per row; absent: 1. */
  readonly maxSamples?: number;
}

/** One row of a job: the provider's own form of a request, ready to be sent. */
export interface BatchLine {
  /** Names the row in the job; results come back in any order under it. */
  readonly customId: string;
  /** One line of JSON, without line feed. */
  readonly line: string;
}

/** All rows of a job. They are sent as they are read, so their size must be known before. */
export interface BatchLines {
  readonly rows: number;
  /** UTF-8 bytes of all lines, a line feed after each. */
  readonly bytes: number;
  /** From the beginning; called again when the request has to be sent again. */
  read(): AsyncIterable<BatchLine>;
}

/** A job as the provider tells of it. */
export interface BatchJob {
  /** The provider's id. */
  readonly id: string;
  /** `waiting`, `running` and `cancelling` go on; the others are final and may have results, also `failed`, `expired` and `cancelled`. */
  readonly state: 'waiting' | 'running' | 'cancelling' | 'completed' | 'failed' | 'expired' | 'cancelled';
  /** The provider's own word. */
  readonly rawState: string;
  readonly counts?: { readonly total?: number; readonly succeeded?: number; readonly failed?: number };
  /** Why the job as a whole failed. */
  readonly errors?: readonly ErrorInfo[];
  /** Milliseconds since 1970. */
  readonly createdAt?: number;
  readonly endedAt?: number;
  /** When the provider gives up what is not done by then. */
  readonly expiresAt?: number;
  /** The provider's own object, unchanged. */
  readonly raw: JsonObject;
}

/** What became of one row of a job: the events of its answer, or why there is none. */
export type BatchResult =
  | { readonly customId: string; readonly events: readonly ModelEvent[] }
  | {
      readonly customId: string;
      readonly error: ErrorInfo;
      /** The job ended before the row's turn came: it was neither answered nor paid for. */
      readonly unasked?: 'expired' | 'cancelled';
    };

/** A model's way to be asked in jobs that a provider works off within a day, at a lower price. */
export interface BatchApi {
  /** Whose jobs these are: names the protocol in journals and messages. */
  readonly provider: string;
  /** Base URL without credentials. */
  readonly endpoint: string;
  readonly limits: BatchLimits;
  /** The share of the list price that a row costs: 0.5. */
  readonly priceShare: number;
  /**
   * The provider's form of a request.
   * @param customId letters, digits, `_` and `-`, at most 64.
   * @throws LmdeckError (as a rejection) `capability`, `usage` for what cannot be asked in a job.
   */
  encode(customId: string, request: ModelRequest): Promise<BatchLine>;
  /**
   * Hands a job in. `label` goes with it, so that {@link BatchApi.find} finds it when the answer was lost.
   * @throws LmdeckError with `data.uncertain` when there may be a job all the same: the request left, its answer did not come.
   */
  submit(lines: BatchLines, options: BatchSubmitOptions): Promise<BatchJob>;
  /**
   * The jobs that carry a label; absent where the provider cannot tell.
   * @throws LmdeckError `conflict` when there is a job of which the provider cannot tell yet.
   */
  find?(label: string, options?: BatchFindOptions): Promise<readonly BatchJob[]>;
  status(jobId: string, options?: BatchCallOptions): Promise<BatchJob>;
  /** What a job brought so far, in no particular order; rows that failed too. */
  results(job: BatchJob, options?: BatchCallOptions): AsyncIterable<BatchResult>;
  cancel(jobId: string, options?: BatchCallOptions): Promise<BatchJob>;
  /**
   * Takes off what was uploaded for a job and counts against the account's storage; results stay. Called when they are safe here. What is gone
   * already, and a server that deletes nothing, are no errors. Absent where nothing is kept.
   */
  discard?(job: BatchJob, options?: BatchCallOptions): Promise<void>;
  /** The same for a file of which no job was made, by the name that `onUpload` was told. */
  discardFile?(file: string, options?: BatchCallOptions): Promise<void>;
  /** Names the account (key, project) that jobs belong to: a digest of which nobody can get the key back. Absent: there is none. */
  account?(options?: BatchCallOptions): Promise<string | undefined>;
}

export interface BatchCallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Overrides the configured key. Never recorded. */
  readonly apiKey?: string | undefined;
}

export interface BatchSubmitOptions extends BatchCallOptions {
  /** Unique, short, ASCII: goes to the provider as metadata or display name. */
  readonly label: string;
  /**
   * Told the provider's name for an uploaded file before a job is made of it: a process that dies between the two leaves it to be discarded. Models whose
   * files go by themselves tell nothing.
   */
  readonly onUpload?: ((file: string) => void) | undefined;
}

/** What is known of a job that is looked for. */
export interface BatchFindOptions extends BatchCallOptions {
  /** It was not handed in before, milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly rows?: number | undefined;
  /** Custom id of one of its rows. */
  readonly customId?: string | undefined;
}
