import { LmdeckError, ulid } from '../../core/index.ts';
import type { Tape } from '../../tape/index.ts';
import { generate, type GenerateOptions } from './generate.ts';
import { rowsOf, type Rows } from './rows.ts';
import { StepTally, type Step, type StepReport } from './step.ts';

/** How a pipeline runs. */
export interface PipelineOptions {
  /** Tells the calls of this run; those that it has on the tape are not made again. Default: a new id. */
  readonly runId?: string | undefined;
  /** The tape that the models record on. */
  readonly tape?: Pick<Tape, 'answerOf' | 'count'> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Rows that pass through steps one by one, in order, as they are read: nothing is held back but what is under way. Every answer is on the tape (where
 * models record), so a pipeline that is run again with the same `runId` after a crash, or with a later step changed, asks only what is new.
 * Read it once.
 */
export class Pipeline<Row extends object> implements AsyncIterable<Row> {
  readonly runId: string;
  readonly #rows: AsyncIterable<Row>;
  readonly #options: PipelineOptions & { readonly runId: string };
  readonly #tallies: readonly StepTally[];

  constructor(rows: AsyncIterable<Row>, options: PipelineOptions & { readonly runId: string }, tallies: readonly StepTally[] = []) {
    this.#rows = rows;
    this.#options = options;
    this.#tallies = tallies;
    this.runId = options.runId;
  }

  /** The rows as a step makes them. */
  through<Next extends object>(step: Step<Row, Next>): Pipeline<Next> {
    const tally = new StepTally(step.name);
    const { runId, signal, tape } = this.#options;
    const isKnown = tape !== undefined && tape.count({ runId, limit: 1 }) > 0;
    const recorded = isKnown ? (requestKey: string) => tape.answerOf(runId, requestKey) : undefined;
    const rows = step.run(tally.counted(this.#rows, 'rowsIn'), { runId, signal, recorded, tally });
    return new Pipeline(tally.counted(rows, 'rowsOut'), this.#options, [...this.#tallies, tally]);
  }

  /** Asks a model about every row. */
  generate<Next extends object>(options: GenerateOptions<Row, Next>): Pipeline<Next> {
    return this.through(generate(options));
  }

  /**
   * What `make` makes of every row: a row (columns renamed, added, taken away), several (fan-out), or `undefined` for none (a filter). What
   * it throws makes the row a failed one, counted and not passed on.
   */
  each<Next extends object>(make: (row: Row, index: number) => Rows<Next>, name = make.name || 'each'): Pipeline<Next> {
    return this.through({
      name,
      async *run(rows, { tally }) {
        let index = 0;
        for await (const row of rows) {
          try {
            yield* await rowsOf(make(row, index));
          } catch (error) {
            tally.failed(index, LmdeckError.from(error, 'invalid-response').toInfo());
          }
          index++;
        }
      },
    });
  }

  /** Rows that follow each other and have the same key, joined into one: what a fan-out took apart. */
  group<Next extends object>(key: (row: Row) => unknown, join: (rows: readonly Row[]) => Rows<Next>, name = 'group'): Pipeline<Next> {
    return this.through({
      name,
      async *run(rows) {
        let group: Row[] = [];
        let current: unknown;
        for await (const row of rows) {
          const own = key(row);
          if (group.length > 0 && own !== current) {
            yield* await rowsOf(join(group));
            group = [];
          }
          current = own;
          group.push(row);
        }
        if (group.length > 0) yield* await rowsOf(join(group));
      },
    });
  }

  /** What every step did so far, in their order. */
  report(): readonly StepReport[] {
    return this.#tallies.map((tally) => tally.report());
  }

  /** All rows. */
  async toArray(): Promise<Row[]> {
    const all: Row[] = [];
    for await (const row of this) all.push(row);
    return all;
  }

  [Symbol.asyncIterator](): AsyncIterator<Row> {
    return this.#rows[Symbol.asyncIterator]();
  }
}

/**
 * A pipeline over rows: ask, parse, judge, filter, each step a function.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { pipeline } from 'lmdeck/batch';
 *
 * const model = languageModel(mock({ outputs: ['a cat', 'a dog', 'a cat too'] }));
 * const rows = pipeline([{ topic: 'pets' }])
 *   .generate({ model, samples: 3, prompt: (row) => `Name one of ${row.topic}.`, output: (row, { texts }) => texts.map((text) => ({ ...row, text })) })
 *   .each((row) => (row.text.includes('cat') ? row : undefined));
 * console.log((await rows.toArray()).length); // 2
 * console.log(rows.report().map((step) => step.rowsOut)); // [ 3, 2 ]
 * ```
 */
export function pipeline<Row extends object>(rows: Iterable<Row> | AsyncIterable<Row>, options: PipelineOptions = {}): Pipeline<Row> {
  return new Pipeline(asyncRows(rows), { ...options, runId: options.runId ?? ulid() });
}

async function* asyncRows<Row>(rows: Iterable<Row> | AsyncIterable<Row>): AsyncIterable<Row> {
  yield* rows;
}
