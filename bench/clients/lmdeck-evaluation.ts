import { join } from 'node:path';
import { chatModel, languageModel, type LanguageModel, type Wrapper } from 'lmdeck';
import { record, retry, timeout } from 'lmdeck/middleware';
import { evaluate, openTask, ResultsFolder, runFiles, TaskCatalog } from 'lmdeck/scoring';
import { openTape } from 'lmdeck/tape';
import { EVALUATION_ROOM, keepHeapSmall } from '../../packages/lmdeck/src/cli/io/small-heap.ts';
import { longPrompt, writeTask } from '../evaluation-data.ts';
import type { ClientSetup, Tasks } from '../task.ts';

/** `lmdeck eval run` without its command line: task file, tape, rows of samples, results. */
export function open({ baseUrl, folder }: ClientSetup): Tasks {
  const model = (batchScores: number, ...wrappers: readonly Wrapper[]): LanguageModel =>
    languageModel(chatModel({ name: 'local', baseUrl, model: 'mock', batchScores }), ...wrappers);
  const single = model(1);
  return {
    'evaluate, batches': { prepare: (_first, _count, argument) => prepare(argument), run: (_index, argument) => run(argument, 16) },
    'evaluate, one by one': { prepare: (_first, _count, argument) => prepare(argument), run: (_index, argument) => run(argument, 1) },
    echo: { run: async (index) => (await single.score(longPrompt(index))).logprob.toFixed(6) },
  };

  function prepare(documents: string): void {
    writeTask(join(folder, documents), Number(documents));
  }

  async function run(documents: string, batchScores: number): Promise<string> {
    // As the command does.
    keepHeapSmall(EVALUATION_ROOM);
    const catalog = await TaskCatalog.open([join(folder, documents)]);
    const [config] = catalog.find('choices');
    if (config === undefined || 'members' in config) throw new Error('There is no task.');
    await using tape = openTape(join(folder, `${documents}-${batchScores}.db`), { mapped: false });
    const files = new ResultsFolder(runFiles(join(folder, 'run')), { samples: true });
    const result = await evaluate(model(batchScores, record(tape), retry(), timeout()), [await openTask(config)], {
      tape,
      concurrency: 64 / batchScores,
      onSample: (sample) => files.add(sample),
    });
    files.finish(result, {});
    return `acc ${result.tasks[0]?.metrics[0]?.value.toFixed(6)}`;
  }
}
