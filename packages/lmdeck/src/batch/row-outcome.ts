import type { ErrorInfo, JsonObject, Sample, Usage } from '../core/index.ts';

interface Outcome {
  readonly index: number;
  readonly id: string;
  readonly place: string;
  readonly input?: JsonObject;
  /** Id of the model that was asked; absent when none was. */
  readonly model?: string;
  /** ULIDs of the calls it took, on the tape. */
  readonly callIds: readonly string[];
  /** How often the model was asked, repetitions included. */
  readonly attempts: number;
  readonly usage?: Usage;
  /** Micro-dollars; absent when unknown. */
  readonly costMicros?: number;
  /** True when nothing was sent in this process: the answer was on the tape. */
  readonly recorded?: boolean;
}

/** What became of a row. There is one for every row of the source. */
export type RowOutcome =
  | (Outcome & { readonly status: 'ok'; readonly samples: readonly Sample[] })
  | (Outcome & { readonly status: 'error'; readonly error: ErrorInfo; readonly samples?: readonly Sample[] })
  | (Outcome & { readonly status: 'cancelled' });
