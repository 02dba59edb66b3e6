import { LmdeckError, type LanguageModel } from '../../core/index.ts';
import { behindLinks } from '../output/behind-links.ts';
import { openOutput } from '../output/open-output.ts';
import type { OutputFile } from '../output/output-file.ts';
import { refuseSameFile } from '../output/refuse-same-file.ts';
import { begunSource } from '../sources/begun-source.ts';
import type { RowSource } from '../sources/row-source.ts';
import { Asking } from './asking.ts';
import { FileRun } from './file-run.ts';
import { RunState, type Checkpoint } from './run-state.ts';
import { usableCheckpoint } from './usable-checkpoint.ts';
import type { BatchReport, WriteBatchOptions } from './write-batch-options.ts';

/**
 * Asks a model about every row of a source and writes a line of JSON for each. Whatever ends the process, the next one with the same
 * `runId`, `folder` and `output` goes on: rows that are done are passed over without being read, those that were under way are found on the
 * tape, and rows that failed are asked again.
 *
 * @param open opens the source; called again to read rows that failed.
 * @throws LmdeckError like {@link runBatch}; `usage` when the output is not this run's, or is the source itself. What was answered is kept.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { openSource, writeBatch } from 'lmdeck/batch';
 * import { record } from 'lmdeck/middleware';
 * import { openTape } from 'lmdeck/tape';
 * import { writeFileSync } from 'node:fs';
 *
 * writeFileSync('rows.jsonl', '{"text": "cat"}\n{"text": "dog"}\n');
 * await using tape = openTape('tape.db');
 * const model = languageModel(mock({ outputs: ['ok'] }), record(tape));
 * const run = { runId: 'pets', folder: 'runs/pets', output: 'out.jsonl', tape };
 * const report = await writeBatch(() => openSource('rows.jsonl'), model, run);
 * console.log(report.tally.ok, report.complete); // 2 true
 * ```
 */
export async function writeBatch(
  open: () => RowSource,
  model: LanguageModel | undefined,
  options: WriteBatchOptions,
): Promise<BatchReport> {
  const source = open();
  const output = options.output === undefined ? undefined : behindLinks(options.output);
  if (output !== undefined) refuseSameFile(source, output);
  const asking = await Asking.open(source, model, options);
  const state = new RunState(options.folder);
  let file: OutputFile | undefined;
  try {
    const before = state.read();
    if (output !== undefined) file = openOutput(output, before, options.overwrite);
    const checkpoint = before === undefined || !state.covers(before) ? undefined : await usableCheckpoint(before, source, file, options);
    if (checkpoint === undefined && options.only === 'failed')
      throw new LmdeckError(
        'usage',
        'The failed rows cannot be told any more: source or output have changed. Run the whole batch again, which asks them too.',
      );
    const rows = checkpoint === undefined && before !== undefined ? await stillThere(source, before, options) : source;
    const run = new FileRun(rows, asking, state, file, checkpoint, { ...options, output });
    return await run.run(open);
  } finally {
    file?.close();
    state.close();
  }
}

/**
 * The source; of one that can be read only once its first rows are read, before anything of the output is written anew.
 * @throws LmdeckError `usage` for one that has none, although the run has had some: who gave them has failed, or was forgotten.
 */
async function stillThere(source: RowSource, { tally }: Checkpoint, { runId }: WriteBatchOptions): Promise<RowSource> {
  if (source.path !== undefined || tally.rows === 0) return source;
  const begun = await begunSource(source);
  if (begun !== undefined) return begun;
  throw new LmdeckError(
    'usage',
    `There are no rows on ${source.name}, and the run ${runId} has had ${tally.rows}: give it the same rows again. Nothing was changed.`,
  );
}
