import { submitBatch } from '../../batch/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { EXIT } from '../io/report-error.ts';
import { withDeck } from '../with-deck.ts';
import { BatchRuns } from './batch-runs.ts';
import { jobLimits, jobOptions, stateLine } from './offline-options.ts';
import { noteRun } from './offline-run.ts';
import { offlineRows } from './offline-rows.ts';
import { isDone } from './report-jobs.ts';
import { handInOptions, limitOptions, rowOptions } from './run-options.ts';
import { configured, runSettings } from './run-settings.ts';
import { withJobs } from './with-jobs.ts';

export const submitCommand: Command = {
  name: 'submit',
  summary: 'Hand rows in as jobs of the provider, mostly at half the price',
  description:
    'Rows are read as lmdeck batch run reads them. They are split into jobs by the limits of the provider, and as many are handed in as have room;\n' +
    'lmdeck batch wait hands in the others. The same rows are never paid for twice: what was handed in before goes on, also after a crash. Rows that\n' +
    'no job can ask are outcomes; then the exit code is 3. To wait and write right away: lmdeck batch run --offline.',
  arguments: ['[source]'],
  completes: 'file',
  options: [
    ...rowOptions,
    ...limitOptions,
    { flags: '--again', description: 'Start another run although one has the same rows' },
    ...handInOptions,
    ...jobOptions,
  ],
  examples: [
    { command: 'lmdeck batch submit prompts.jsonl -m openai/gpt-5.6-luna' },
    { command: 'lmdeck batch submit prompts.jsonl -m anthropic/claude-sonnet-4-5 -p max_tokens 500' },
  ],
  run: submit,
};

async function submit(call: Invocation): Promise<number> {
  const { args, options, io } = call;
  const plan = await configured(options, io);
  const tape = options.text('database');
  return withDeck(io, { log: true, ...(tape === undefined ? {} : { tape }) }, async (deck) => {
    const given = await runSettings('submit', args[0], options, deck, io.env, plan);
    const { settings, model, rows } = await offlineRows({ ...given, offline: true }, deck, io);
    const runs = new BatchRuns(deck.paths.home);
    return withJobs(
      call,
      deck,
      async ({ offline, progress }) => {
        const status = await submitBatch(rows(), model, {
          ...offline,
          source: settings.source,
          limits: jobLimits(options),
          again: options.flag('again'),
        });
        progress.end();
        if (options.flag('json')) await io.print(`${JSON.stringify(status, undefined, 2)}\n`);
        else {
          await io.print(`${status.run}\n`);
          const next = isDone(status) ? `lmdeck batch fetch ${status.run} -o out.jsonl` : `lmdeck batch wait ${status.run}`;
          io.note(`${stateLine(status)}. Go on with: ${next}`);
        }
        return status.refused === 0 ? EXIT.ok : EXIT.incomplete;
      },
      undefined,
      (run) => {
        // Where one goes on that has an output, that is kept.
        if (runs.find(run) === undefined) noteRun(runs, run, settings);
      },
    );
  });
}
