import type { JsonObject, LanguageModel } from '../../core/index.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { listSource, openSource } from '../sources/open-source.ts';
import { START, type RowSource } from '../sources/row-source.ts';
import { Asking } from './asking.ts';
import type { BatchOptions } from './batch-options.ts';

/** Rows: the path of a file, a source, or rows themselves: texts, or objects with `prompt`, `text`, `messages` or columns for a template. */
export type BatchInput = string | RowSource | Iterable<JsonObject | string> | AsyncIterable<JsonObject | string>;

/**
 * Asks a model about every row and gives an outcome for each: `ok`, or `error` with the reason, or `cancelled`. Rows are read as they are
 * needed, so memory stays the same however many there are. With a `tape` that the model records on and a `runId`, rows that this run has
 * answered before are not asked again.
 *
 * @param model asked about rows that name no other.
 * @throws LmdeckError `config` when the source cannot be read; `usage` for a template or limit that is wrong; after the last outcome what
 * ended the run early (`maxErrors`, `maxCost`, an endpoint that is gone, a tape that cannot be written).
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { runBatch } from 'lmdeck/batch';
 *
 * const model = languageModel(mock({ outputs: [(request) => `${request.messages.length} message`] }));
 * for await (const outcome of runBatch([{ word: 'cat' }, { word: 'dog' }], model, { template: 'Plural of {{ word }}?' }))
 *   console.log(outcome.id, outcome.status); // 0 ok
 * ```
 */
export async function* runBatch(
  input: BatchInput,
  model: LanguageModel | undefined,
  options: BatchOptions = {},
): AsyncGenerator<RowOutcome, undefined> {
  const source = sourceOf(input);
  const asking = await Asking.open(source, model, options);
  const { tape, runId } = options;
  const isKnown = tape !== undefined && runId !== undefined && tape.count({ runId, limit: 1 }) > 0;
  const engine = asking.engine({
    rows: asking.rows(source, START),
    begin: () => undefined,
    order: options.order ?? 'input',
    recorded: isKnown ? (_index, key) => tape.answerOf(runId, key) : undefined,
  });
  try {
    for (let group = await engine.next(); group !== undefined; group = await engine.next()) for (const { outcome } of group) yield outcome;
  } finally {
    engine.stop();
  }
  return undefined;
}

function sourceOf(input: BatchInput): RowSource {
  if (typeof input === 'string') return openSource(input);
  return isSource(input) ? input : listSource(input);
}

function isSource(input: Exclude<BatchInput, string>): input is RowSource {
  return 'read' in input && 'places' in input;
}
