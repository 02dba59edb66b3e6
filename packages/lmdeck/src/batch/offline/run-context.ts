import { LmdeckError, pause as timer, type BatchApi, type BatchCallOptions } from '../../core/index.ts';
import { retryDelay } from '../../transport/index.ts';
import type { Journal, JournalRecord } from './journal.ts';
import type { OfflineEvent, OfflineModel, OfflineOptions } from './offline-options.ts';
import type { RunFolder } from './run-folder.ts';
import { runState, type PartState, type RunState } from './run-state.ts';
import { readJournal } from './journal.ts';

/** How often a question that changes nothing is asked before its failure counts. */
const TRIES = 6;

/** A run that this process works on. */
export class RunContext {
  readonly folder: RunFolder;
  readonly model: OfflineModel;
  readonly api: BatchApi;
  readonly options: OfflineOptions;
  readonly #journal: Journal;
  #records: readonly JournalRecord[];
  #state: RunState;

  constructor(folder: RunFolder, journal: Journal, model: OfflineModel, options: OfflineOptions) {
    this.folder = folder;
    this.model = model;
    this.api = batchesOf(model);
    this.options = options;
    this.#journal = journal;
    this.#records = readJournal(journal.path);
    this.#state = runState(this.#records, journal.path);
    const { head } = this.#state;
    if (head.model !== model.id || head.endpoint !== this.api.endpoint)
      throw new LmdeckError(
        'usage',
        `The batch run ${head.run} asks ${head.model} at ${head.endpoint}, not ${model.id} at ${this.api.endpoint}. Its jobs are known only there.`,
      );
  }

  get run(): string {
    return this.folder.run;
  }

  get state(): RunState {
    return this.#state;
  }

  get call(): BatchCallOptions {
    return { signal: this.options.signal, apiKey: this.options.apiKey };
  }

  /** The part as it stands now. */
  part(number: number): PartState {
    const part = this.#state.parts.find((each) => each.part === number);
    if (part === undefined) throw new LmdeckError('internal', `The run ${this.run} has no part ${number}.`);
    return part;
  }

  /** On disk when it returns. */
  add(record: JournalRecord): void {
    this.#journal.add(record);
    this.#records = [...this.#records, record];
    this.#state = runState(this.#records, this.#journal.path);
  }

  tell(event: OfflineEvent): void {
    this.options.onEvent?.(event);
  }

  pause(ms: number): Promise<void> {
    return (this.options.pause ?? timer)(ms, this.options.signal);
  }

  /** Asks something that changes nothing, again when it fails in a way that may pass. */
  async patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (thrown) {
        const error = LmdeckError.from(thrown);
        // Not a failure of the question, but its answer.
        if (error.code === 'conflict') throw error;
        // A gateway's page instead of an answer passes too: nothing is lost by asking again.
        const retryable = error.retryable || error.code === 'invalid-response';
        const wait = retryDelay({
          attempt,
          error: { retryable, retryAfterMs: error.retryAfterMs },
          baseMs: 1_000,
          maxMs: 30_000,
          maxRetryAfterMs: 600_000,
        });
        if (attempt === TRIES || wait === undefined) throw error;
        await this.pause(wait);
      }
    }
  }
}

/** @throws LmdeckError `capability` for a model without jobs. */
export function batchesOf(model: OfflineModel): BatchApi {
  if (model.batches !== undefined) return model.batches;
  throw new LmdeckError(
    'capability',
    `${model.id} takes no jobs: run it online (lmdeck batch run), or take a model of OpenAI, Anthropic, Gemini, Mistral or of a server with OpenAI's /batches.`,
    { data: { model: model.id, capability: 'batches' } },
  );
}
