import type { JsonObject, JsonSchema } from '../../core/index.ts';
import type { OutputOptions } from '../output/output-lines.ts';
import type { BatchOptions } from '../run/batch-options.ts';
import type { SourceFormat } from '../sources/open-source.ts';

/** How a run is worked on: what does not change what it asks. */
export interface BatchWork extends Pick<BatchOptions, 'concurrency' | 'window' | 'maxErrors' | 'maxCost'> {
  /** How often a call that failed is repeated. */
  readonly retries?: number | undefined;
  /** Answers from the tape what any call before has asked. */
  readonly cache?: boolean | undefined;
}

/** A run as plain data: what is asked, of which model, and where the outcomes go. Files say the same by the same names. */
export interface BatchPlan
  extends BatchWork, OutputOptions, Pick<BatchOptions, 'template' | 'system' | 'samples' | 'rowSettings' | 'lineModels' | 'limit'> {
  /** A file, or `-` for stdin. */
  readonly source?: string | undefined;
  readonly from?: SourceFormat | undefined;
  /** What to ask a database for. */
  readonly sql?: string | undefined;
  /** The name of a model, or its description (see `describeModel` of `lmdeck/configure`). */
  readonly model?: string | JsonObject | undefined;
  readonly options?: JsonObject | undefined;
  readonly schema?: JsonSchema | undefined;
  readonly output?: string | undefined;
  readonly asCompleted?: boolean | undefined;
  /** Asked in jobs of the provider. */
  readonly offline?: boolean | undefined;
}
