import {
  createRequest,
  inOrder,
  LmdeckError,
  messageText,
  Slots,
  system as systemMessage,
  user,
  type Job,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
  type LanguageModel,
  type Message,
  type PromptInput,
  type Response,
  type Sample,
  type Usage,
} from '../../core/index.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { drawCounter } from '../rows/draw-counter.ts';
import { askRow, callsOf } from '../run/ask-row.ts';
import { LimitWatch } from '../run/run-limits.ts';
import { rowsOf, type Rows } from './rows.ts';
import type { Step, StepContext } from './step.ts';

/** What a model said about a row. */
export interface RowAnswer {
  /** The text of the first sample. */
  readonly text: string;
  /** The text of every sample. */
  readonly texts: readonly string[];
  readonly samples: readonly Sample[];
  readonly usage: Usage | undefined;
  /** ULIDs of the calls, on the tape. */
  readonly callIds: readonly string[];
  /** The model's id. */
  readonly model: string;
  /** The first sample parsed as JSON. @throws LmdeckError `invalid-response` */
  json(): JsonValue;
}

/** A step that asks a model about every row. */
export interface GenerateOptions<In, Out> {
  /** Names the step in reports and records. Default: `generate`. */
  readonly name?: string | undefined;
  /** The model, or which one to ask about a row. */
  readonly model: LanguageModel | ((row: In) => LanguageModel);
  /** What to ask. */
  readonly prompt: (row: In) => PromptInput;
  readonly system?: string | ((row: In) => string) | undefined;
  readonly options?: JsonObject | undefined;
  /** JSON Schema of the answers. */
  readonly schema?: JsonSchema | undefined;
  /** Samples per row. Default: 1. */
  readonly samples?: number | undefined;
  /** Calls at once. Default: 16. */
  readonly concurrency?: number | undefined;
  /** More failed rows than this end the run. Default: no limit, but an endpoint that is gone ends it. */
  readonly maxErrors?: number | undefined;
  /** Makes of row and answer what goes on: a row, several, or none (`undefined`). What it throws makes the row a failed one. */
  readonly output: (row: In, answer: RowAnswer) => Rows<Out>;
  /** What goes on in place of a failed row. Default: nothing, it is counted in the report. */
  readonly onError?: ((row: In, error: LmdeckError) => Out | undefined) | undefined;
}

/** A step that asks a model about every row; rows stay in order. See {@link GenerateOptions}. */
export function generate<In, Out>(options: GenerateOptions<In, Out>): Step<In, Out> {
  const { name = 'generate', concurrency = 16 } = options;
  if (!(concurrency >= 1)) throw new LmdeckError('usage', `Step ${name}: the concurrency must be a number from 1, not ${concurrency}.`);
  return {
    name,
    async *run(rows, context) {
      const asking = new Asking(name, options, context, concurrency);
      const abort = (): void => asking.abort();
      context.signal?.addEventListener('abort', abort, { once: true });
      try {
        for await (const outcomes of inOrder(asking.jobs(rows), concurrency)) {
          yield* outcomes.rows;
          if (outcomes.stop !== undefined) throw outcomes.stop;
        }
      } finally {
        context.signal?.removeEventListener('abort', abort);
        // Whoever leaves early wants no more answers.
        abort();
      }
    },
  };
}

interface Outcome<Out> {
  readonly rows: readonly Out[];
  /** Why the whole run ends here. */
  readonly stop?: LmdeckError | undefined;
}

class Asking<In, Out> {
  readonly #name: string;
  readonly #options: GenerateOptions<In, Out>;
  readonly #context: StepContext;
  readonly #watch: LimitWatch;
  readonly #running = new Slots<Response>();
  /** Rows that ask the same thing are separate draws. */
  readonly #drawn = drawCounter();

  constructor(name: string, options: GenerateOptions<In, Out>, context: StepContext, concurrency: number) {
    this.#name = name;
    this.#options = options;
    this.#context = context;
    this.#watch = new LimitWatch(options, concurrency);
  }

  abort(): void {
    for (const response of this.#running.values()) response.abort('The pipeline was left.');
  }

  async *jobs(rows: AsyncIterable<In>): AsyncIterable<Job<Outcome<Out>>> {
    let index = 0;
    for await (const row of rows) yield this.#job(row, index++);
  }

  #job(row: In, index: number): Job<Outcome<Out>> {
    const { model, samples = 1 } = this.#options;
    try {
      const asked = typeof model === 'function' ? model(row) : model;
      const request = createRequest({ ...this.#options, messages: this.#messages(row) });
      const before = this.#drawn(JSON.stringify([asked.id, request]));
      const own = before === 0 ? request : createRequest({ ...request, sample: before * samples });
      const batchRow = { index, id: String(index), place: `${this.#name}, row ${index}`, input: {}, request: own };
      const { runId, signal, recorded } = this.#context;
      return {
        weight: callsOf(own, asked),
        run: async () =>
          this.#outcome(row, index, await askRow(batchRow, asked, { runId, signal, running: this.#running, recorded }), asked.id),
      };
    } catch (error) {
      return { weight: 0, run: async () => this.#failed(row, index, LmdeckError.from(error, 'usage')) };
    }
  }

  #messages(row: In): readonly Message[] {
    const { prompt, system } = this.#options;
    const input = prompt(row);
    const messages: readonly Message[] = typeof input === 'string' ? [user(input)] : 'role' in input ? [input] : input;
    const lead = typeof system === 'function' ? system(row) : system;
    return lead === undefined ? messages : [systemMessage(lead), ...messages];
  }

  async #outcome(row: In, index: number, outcome: RowOutcome, model: string): Promise<Outcome<Out>> {
    const { usage, costMicros, callIds } = outcome;
    this.#context.tally.asked(callIds.length, outcome.recorded === true, usage ?? {}, costMicros);
    const stop = this.#watch.judge(outcome);
    if (outcome.status === 'cancelled')
      return { rows: [], stop: LmdeckError.from(this.#context.signal?.reason ?? 'The pipeline was left.', 'aborted') };
    if (outcome.status === 'error') return { ...(await this.#failed(row, index, LmdeckError.fromInfo(outcome.error))), stop };
    try {
      const rows = await rowsOf(this.#options.output(row, answerOf(outcome.samples, { usage, callIds, model })));
      return { rows, stop };
    } catch (error) {
      return { ...(await this.#failed(row, index, LmdeckError.from(error, 'invalid-response'))), stop };
    }
  }

  async #failed(row: In, index: number, error: LmdeckError): Promise<Outcome<Out>> {
    this.#context.tally.failed(index, error.toInfo());
    const instead = this.#options.onError?.(row, error);
    return { rows: instead === undefined ? [] : [instead] };
  }
}

function answerOf(samples: readonly Sample[], about: Pick<RowAnswer, 'usage' | 'callIds' | 'model'>): RowAnswer {
  const texts = samples.map(({ message }) => messageText(message));
  const [text = ''] = texts;
  return {
    ...about,
    text,
    texts,
    samples,
    json: () => {
      try {
        const value: JsonValue = JSON.parse(text);
        return value;
      } catch (error) {
        throw new LmdeckError('invalid-response', `The answer is not JSON: ${JSON.stringify(text.slice(0, 200))}.`, { cause: error });
      }
    },
  };
}
