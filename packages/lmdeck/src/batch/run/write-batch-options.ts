import type { LineOptions } from '../output/row-line.ts';
import type { RowOutcome } from '../row-outcome.ts';
import type { BatchOptions } from './batch-options.ts';
import type { BatchTally } from './batch-tally.ts';

/** How a batch is run whose outcomes are kept in a file. */
export interface WriteBatchOptions extends BatchOptions, LineOptions {
  /** The run; the same id goes on with it. */
  readonly runId: string;
  /** Where the run keeps how far it has come; its own. */
  readonly folder: string;
  /** One line of JSON for each row. Absent: the outcomes are on the tape only. */
  readonly output?: string | undefined;
  /** Replaces an output that the run did not write. */
  readonly overwrite?: boolean | undefined;
  /** `failed`: asks only rows that failed before. Default: the rows that are left, then those. */
  readonly only?: 'failed' | undefined;
  readonly onOutcome?: ((outcome: RowOutcome) => void) | undefined;
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
  /** Told what is out of the ordinary: that the source changed, that rows are matched anew. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** How far a run has come. */
export interface BatchProgress {
  readonly tally: BatchTally;
  /** Rows that were done before. */
  readonly before: number;
  readonly underWay: number;
  /** Share of the source that was read, 0 to 1; absent where that cannot be told. */
  readonly share?: number;
}

/** What a run came to. */
export interface BatchReport {
  readonly tally: BatchTally;
  /** Rows that were done before. */
  readonly before: number;
  /** Rows that had failed before and were asked again. */
  readonly retried: number;
  /** True when every row of the source has an outcome. */
  readonly complete: boolean;
}
