import type { JsonObject, JsonSchema, LanguageModel } from '../../core/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { RunLimits } from './run-limits.ts';

/** How a batch is run. */
export interface BatchOptions extends RunLimits {
  /** Makes the prompt out of a row's columns, in Jinja's language: `Translate {{ text }}`. */
  readonly template?: string | undefined;
  /** System prompt of rows that have none; a template too. */
  readonly system?: string | undefined;
  /** Model options of every row; a row's own come before them. */
  readonly options?: JsonObject | undefined;
  /** JSON Schema of every answer. */
  readonly schema?: JsonSchema | undefined;
  /** How many samples to draw per row. Default: 1. */
  readonly samples?: number | undefined;
  /** Whether the columns `options`, `schema`, `samples`, `system` and `model` are settings of the row. Default: yes, without a template. */
  readonly rowSettings?: boolean | undefined;
  /** Gives the models that rows name themselves. */
  readonly models?: ((name: string) => Promise<LanguageModel>) | undefined;
  /** Whether batch lines of OpenAI choose their model by `body.model`. Default: no. */
  readonly lineModels?: boolean | undefined;
  /** How many calls may be under way. Default: 64 for endpoints; for models in this process four for each that they answer side by side (`capabilities.concurrency`), else 16. */
  readonly concurrency?: number | undefined;
  /** How many rows may wait for an earlier one. Default: 32 for each call under way, at least 2048. */
  readonly window?: number | undefined;
  /** Outcomes in the order of the rows, or as they come. Default: `input`. */
  readonly order?: 'input' | 'completed' | undefined;
  /** Only the first rows. */
  readonly limit?: number | undefined;
  /** Tells the calls of this run; those that it has on the tape are not made again. Default: a new id. */
  readonly runId?: string | undefined;
  /** The tape that the model records on: an outcome is given out when its calls are there. */
  readonly tape?: Pick<Tape, 'answerOf' | 'commitEnded' | 'flush' | 'count' | 'cost'> | undefined;
  /** Overrides the configured key. Never recorded. */
  readonly apiKey?: string | undefined;
  /** Ends the run at once: rows under way are `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Begins no further row; those under way come to their end. */
  readonly stop?: AbortSignal | undefined;
}
