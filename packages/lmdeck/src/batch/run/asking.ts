import { LmdeckError, Slots, ulid, type LanguageModel, type Response, type StoredCall } from '../../core/index.ts';
import type { BatchRow } from '../batch-row.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { asAsked } from '../rows/as-asked.ts';
import { rowReader } from '../rows/batch-rows.ts';
import type { RowReader } from '../rows/row-reader.ts';
import type { RowSource, SourcePosition, SourceRow } from '../sources/row-source.ts';
import { askRow, callsOf } from './ask-row.ts';
import type { BatchOptions } from './batch-options.ts';
import { RowEngine, type EngineOptions } from './row-engine.ts';
import { LimitWatch, type SpentBefore } from './run-limits.ts';

const ENDPOINT_CONCURRENCY = 64;
/** For a model that does not say how many calls it answers side by side. */
const LOCAL_CONCURRENCY = 16;
/** So many calls for each that it answers side by side: it must not stand idle while answers are made safe. */
const AHEAD = 4;

/** What one engine of a run needs besides the run. */
export interface Pass {
  readonly rows: AsyncIterable<readonly SourceRow[]>;
  readonly begin: EngineOptions['begin'];
  readonly order: 'input' | 'completed';
  /** What the run has on the tape for the request of a row; absent when nothing can be there. */
  readonly recorded: ((index: number, requestKey: string) => StoredCall | undefined) | undefined;
}

/** A run that is ready to ask: templates compiled, models known. */
export class Asking {
  readonly runId: string;
  readonly reader: RowReader;
  readonly #model: LanguageModel | undefined;
  readonly #options: BatchOptions;
  readonly #concurrency: number;
  readonly #models = new Map<string, Promise<LanguageModel>>();
  /** Calls that are under way. */
  readonly #running = new Slots<Response>();
  #watch: LimitWatch;
  #engine: RowEngine | undefined;

  private constructor(reader: RowReader, model: LanguageModel | undefined, options: BatchOptions) {
    const { concurrency, maxCost, runId } = options;
    if (concurrency !== undefined && !(concurrency >= 1))
      throw new LmdeckError('usage', `The concurrency must be a number from 1, not ${concurrency}.`);
    if (maxCost !== undefined) refuseUnpriced(model);
    this.runId = runId ?? ulid();
    this.reader = reader;
    this.#model = model;
    this.#options = options;
    this.#concurrency = concurrency ?? usualConcurrency(model);
    this.#watch = new LimitWatch(options, this.#concurrency);
    onSignal(options.stop, () => this.#engine?.stop());
    onSignal(options.signal, () => {
      this.#engine?.stop();
      for (const response of this.#running.values()) response.abort('The batch was aborted.');
    });
  }

  /** @throws LmdeckError `usage` for a template that is none, or a limit that cannot be kept. */
  static async open(source: RowSource, model: LanguageModel | undefined, options: BatchOptions): Promise<Asking> {
    return new Asking(await rowReader(source, options), model, options);
  }

  get stopped(): boolean {
    return this.#options.stop?.aborted === true || this.#options.signal?.aborted === true;
  }

  /** How many rows are under way. */
  get underWay(): number {
    return this.#engine?.underWay ?? 0;
  }

  /** Counts what the run has cost before. */
  spent(before: SpentBefore): void {
    this.#watch = new LimitWatch(this.#options, this.#concurrency, before);
  }

  engine({ rows, begin, order, recorded }: Pass): RowEngine {
    const { tape, window } = this.#options;
    const context = { runId: this.runId, signal: this.#options.signal, running: this.#running, apiKey: this.#options.apiKey };
    const askOf = (row: BatchRow, asked: LanguageModel): Promise<RowOutcome> => {
      if (recorded === undefined) return askRow(row, asked, context);
      const find = (key: string): StoredCall | undefined => recorded(row.index, key);
      return askRow({ ...row, request: asAsked(row.request, asked) }, asked, { ...context, recorded: find });
    };
    const ask = (row: BatchRow): Promise<RowOutcome> => {
      try {
        const model = this.#modelOf(row);
        // At once where that is possible: so the server has the first request of a group while the others are made.
        if (!(model instanceof Promise)) return askOf(row, model);
        return model.then((asked) => askOf(row, asked)).catch((error: unknown) => refused(row, error));
      } catch (error) {
        return Promise.resolve(refused(row, error));
      }
    };
    const engine = new RowEngine(rows, {
      concurrency: this.#concurrency,
      window: window ?? Math.max(2048, 32 * this.#concurrency),
      order,
      read: (row) => this.reader.read(row),
      begin,
      weight: (row) => (row.model === undefined && this.#model !== undefined ? callsOf(row.request, this.#model) : 1),
      ask,
      commit: () => (tape === undefined || tape.commitEnded() ? undefined : tape.flush()),
      judge: (outcome) => this.#watch.judge(outcome),
      room: () => this.#watch.room,
      refuse: () => this.#watch.tooDear(),
    });
    this.#engine = engine;
    if (this.stopped) engine.stop();
    return engine;
  }

  /** The rows of a source that are to be asked. */
  rows(source: RowSource, from: SourcePosition, wanted?: (index: number) => boolean): AsyncIterable<readonly SourceRow[]> {
    const { limit } = this.#options;
    return limit === undefined ? source.read(from, wanted) : firstRows(source, from, wanted, limit);
  }

  #modelOf({ model, place }: BatchRow): LanguageModel | Promise<LanguageModel> {
    if (model === undefined || model === this.#model?.id) {
      if (this.#model !== undefined) return this.#model;
      throw new LmdeckError('usage', `${place}: the row names no model, and the run has none.`);
    }
    const { models } = this.#options;
    if (models === undefined)
      throw new LmdeckError(
        'usage',
        `${place}: the row names the model "${model}", and the run can only ask ${this.#model?.id ?? 'none'}.`,
      );
    let found = this.#models.get(model);
    if (found === undefined) this.#models.set(model, (found = models(model).then((named) => this.#checked(named))));
    return found;
  }

  #checked(model: LanguageModel): LanguageModel {
    if (this.#options.maxCost !== undefined) refuseUnpriced(model);
    return model;
  }
}

/** The row of which no call could be made. */
function refused({ index, id, place, input }: BatchRow, error: unknown): RowOutcome {
  return { index, id, place, input, callIds: [], attempts: 0, status: 'error', error: LmdeckError.from(error).toInfo() };
}

async function* firstRows(
  source: RowSource,
  from: SourcePosition,
  wanted: ((index: number) => boolean) | undefined,
  limit: number,
): AsyncGenerator<readonly SourceRow[], undefined> {
  if (from.index >= limit) return undefined;
  for await (const rows of source.read(from, wanted)) {
    const last = rows.at(-1);
    if (last === undefined || last.next.index < limit) yield rows;
    else {
      yield rows.filter((row) => row.index < limit);
      return undefined;
    }
  }
  return undefined;
}

function usualConcurrency(model: LanguageModel | undefined): number {
  const own = model?.capabilities.concurrency;
  if (own !== undefined) return AHEAD * own;
  return isRemote(model) ? ENDPOINT_CONCURRENCY : LOCAL_CONCURRENCY;
}

function isRemote(model: LanguageModel | undefined): boolean {
  return model === undefined || /^https?:/.test(model.endpoint ?? '');
}

/** A limit of cost that nobody could keep is none. */
function refuseUnpriced(model: LanguageModel | undefined): void {
  if (model === undefined || model.price !== undefined) return;
  throw new LmdeckError(
    'usage',
    `--max-cost cannot be kept: the price of ${model.id} is not known. Say it in prices.yaml ("${model.id}": { input: 0.15, output: 0.6 }, dollars per million tokens), or leave --max-cost out.`,
  );
}

function onSignal(signal: AbortSignal | undefined, listener: () => void): void {
  if (signal?.aborted === true) listener();
  else signal?.addEventListener('abort', listener, { once: true });
}
