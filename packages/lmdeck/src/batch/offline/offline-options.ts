import type { BatchLimits, JsonObject, LanguageModel, Model } from '../../core/index.ts';
import type { Tape } from '../../tape/index.ts';

/** A model with jobs, as a deck gives it or made by hand. */
export type OfflineModel = Pick<Model, 'id' | 'endpoint' | 'revision' | 'price' | 'batches' | 'capabilities' | 'options'> &
  Pick<LanguageModel, 'defaultOptions'>;

/** What all work on runs takes. */
export interface OfflineOptions {
  /** Where answers go: each is a call, as if it had been asked online. */
  readonly tape: Tape;
  /** Folder of the runs; each has one of its own in it, named by its id. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  /** Overrides the configured key. Never recorded. */
  readonly apiKey?: string | undefined;
  /** Hands jobs in again of which the provider cannot tell whether it has them: they may be paid twice. Default: false. */
  readonly resubmit?: boolean | undefined;
  /** How often a row is asked in all, when its job expired or lost it. Default: 3. */
  readonly maxAttempts?: number | undefined;
  /** Leaves uploaded files at the provider. Default: a job's is taken off when what the job brought is on the tape. */
  readonly keepFiles?: boolean | undefined;
  /** How long to wait between two looks at the jobs, milliseconds: the first time and at most. Default: 5,000 and 60,000. */
  readonly pollMs?: readonly [first: number, most: number] | undefined;
  /** Told what happens. */
  readonly onEvent?: ((event: OfflineEvent) => void) | undefined;
  /** Waits; for tests. Default: a timer. */
  readonly pause?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** What handing in takes besides. */
export interface SubmitOptions extends OfflineOptions {
  /** The run's id; its calls carry it. Rows that a call of this run has answered are not asked again. Default: a new one. */
  readonly runId?: string | undefined;
  /** Where the rows come from, for people. */
  readonly source?: string | undefined;
  /** What differs from the provider's limits. */
  readonly limits?: BatchLimits | undefined;
  /**
   * A run of an earlier version of these rows: what it has answered is not asked again, and as long as it is open nothing is handed in.
   */
  readonly previous?: string | undefined;
  /** Starts another run although one has the same rows. Default: that one goes on, unless it was cancelled. */
  readonly again?: boolean | undefined;
}

/** What happens to a run. `part` counts from 1. */
export type OfflineEvent =
  | { readonly type: 'prepared'; readonly run: string; readonly rows: number; readonly refused: number; readonly parts: number }
  | { readonly type: 'continued'; readonly run: string }
  | {
      readonly type: 'submitted';
      readonly run: string;
      readonly part: number;
      readonly job: string;
      readonly rows: number;
      readonly adopted: boolean;
    }
  | { readonly type: 'refused'; readonly run: string; readonly part: number; readonly message: string }
  /** The provider does not answer now; waiting goes on. */
  | { readonly type: 'unreachable'; readonly run: string; readonly message: string }
  | { readonly type: 'waiting'; readonly run: string; readonly status: OfflineStatus }
  | {
      readonly type: 'fetched';
      readonly run: string;
      readonly part: number;
      readonly ok: number;
      readonly failed: number;
      readonly missing: number;
      /** How many of those that are missing expired before their turn came. */
      readonly expired?: number;
      /** Why the job as a whole failed. */
      readonly message?: string;
    }
  /** The provider does not know a job, or its results, any more; so many of its rows have no answer. */
  | {
      readonly type: 'gone';
      readonly run: string;
      readonly part: number;
      readonly job: string;
      readonly rows: number;
      readonly message: string;
    }
  /** One that was gone is there again. */
  | { readonly type: 'found'; readonly run: string; readonly part: number; readonly job: string }
  /** An uploaded file could not be taken off. */
  | { readonly type: 'kept'; readonly run: string; readonly part: number; readonly message: string }
  | { readonly type: 'foreign'; readonly run: string; readonly part: number; readonly rows: number };

/** How a run stands. */
export interface OfflineStatus {
  readonly run: string;
  readonly model: string;
  readonly provider: string;
  readonly source?: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /**
   * `unprepared`: its process died before anything was handed in; `running`: jobs or rows are open; `finished`: every row has its outcome;
   * `cancelled`: finished, and not all of it was asked.
   */
  readonly state: 'unprepared' | 'running' | 'finished' | 'cancelled';
  /** Rows of the source, those that no job can ask included. */
  readonly rows: number;
  readonly refused: number;
  /** Requests with an answer on the tape. */
  readonly ok: number;
  /** Requests with a final error. */
  readonly failed: number;
  /** Requests that were asked and had no outcome, and are asked no more. */
  readonly missing: number;
  /** How many of those expired before their turn came. */
  readonly expired: number;
  readonly jobs: readonly OfflineJob[];
}

/** A job of a run, or what will be one. */
export interface OfflineJob {
  readonly part: number;
  /** The provider's id; absent as long as there is none. */
  readonly id?: string;
  /** `gone`: the provider does not know it, or its results, any more. */
  readonly state:
    | 'planned'
    | 'uncertain'
    | 'waiting'
    | 'running'
    | 'cancelling'
    | 'completed'
    | 'failed'
    | 'expired'
    | 'cancelled'
    | 'gone';
  readonly rows: number;
  readonly attempt: number;
  /** What the provider says. */
  readonly counts?: { readonly total?: number; readonly succeeded?: number; readonly failed?: number };
  /** What it brought is on the tape. */
  readonly fetched: boolean;
  readonly error?: JsonObject;
}
