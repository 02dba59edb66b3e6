import { resolve } from 'node:path';
import { LmdeckError, type BatchLimits } from '../../core/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { interruptible } from '../io/interruptible.ts';
import { progressLine } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import { modelOptions } from '../prompt/model-options.ts';
import { modelFlags } from '../prompt/shared-options.ts';
import { withDeck } from '../with-deck.ts';
import { handInOptions, jobOptions, offlineOptions, stateLine } from './batch-options.ts';
import { rowSource } from './row-source.ts';

export const submitCommand: Command = {
  name: 'submit',
  summary: 'Hand rows in as jobs of the provider, mostly at half the price',
  description:
    'Splits the rows into jobs by the limits of the provider and hands in as many as have room; lmdeck batch wait hands in the others. The same\n' +
    'rows are never paid for twice: what was handed in before goes on, also after a crash. Rows that no job can ask are outcomes; then the exit\n' +
    'code is 3.',
  arguments: ['<file>'],
  completes: 'file',
  options: [
    ...modelFlags,
    { flags: '--samples <n>', description: 'How many samples to draw per row' },
    { flags: '--max-rows <n>', description: 'Most requests in a job' },
    { flags: '--max-bytes <n>', description: 'Most bytes in a job' },
    { flags: '--max-enqueued-tokens <n>', description: 'Most tokens of jobs that wait or run (your tier at the provider says how many)' },
    { flags: '--again', description: 'Start another run although one has the same rows' },
    ...handInOptions,
    ...jobOptions,
  ],
  examples: [
    { command: 'lmdeck batch submit prompts.jsonl -m openai/gpt-5.6-luna' },
    { command: 'lmdeck batch submit prompts.jsonl -m anthropic/claude-sonnet-4-5 -o max_tokens 500' },
  ],
  run: submit,
};

function submit(call: Invocation): Promise<number> {
  const { args, options, io } = call;
  const [path = ''] = args;
  const tape = options.text('database');
  return withDeck(io, { log: true, ...(tape === undefined ? {} : { tape }) }, (deck) =>
    interruptible(io, async (signal) => {
      const { submitBatch } = await import('../../batch/index.ts');
      const model = await deck.model(options.text('model'));
      const progress = progressLine(io);
      let run: string | undefined;
      const offline = await offlineOptions(call, deck, progress, signal, (event) => (run = event.run));
      const checked = checkedOptions(options, model);
      const rows = rowSource(path, { system: options.text('system'), options: checked, samples: options.integer('samples', 1) });
      const settings = { ...offline, source: resolve(path), limits: limits(options), again: options.flag('again') };
      const status = await submitBatch(rows, model, settings).catch((error: unknown) => {
        if (run !== undefined) progress.note(`Nothing is lost. Go on with: lmdeck batch wait ${run}`);
        throw error;
      });
      progress.end();
      if (options.flag('json')) await io.print(`${JSON.stringify(status, undefined, 2)}\n`);
      else {
        await io.print(`${status.run}\n`);
        const next = status.state === 'finished' ? `lmdeck batch fetch ${status.run} -o out.jsonl` : `lmdeck batch wait ${status.run}`;
        io.note(`${stateLine(status)}. Go on with: ${next}`);
      }
      return status.refused === 0 ? EXIT.ok : EXIT.incomplete;
    }),
  );
}

function checkedOptions(options: ParsedOptions, model: Parameters<typeof modelOptions>[1]): ReturnType<typeof modelOptions> {
  const given = modelOptions(options.pairs('option'), model);
  const result = model.options?.['~standard'].validate(given);
  if (result?.issues !== undefined)
    throw new LmdeckError('usage', result.issues.map(({ message, path }) => `option ${path.join('.')}: ${message}.`).join(' '));
  return result?.value ?? given;
}

function limits(options: ParsedOptions): BatchLimits {
  const [maxRows, maxBytes, maxEnqueuedTokens] = ['maxRows', 'maxBytes', 'maxEnqueuedTokens'].map((name) => options.integer(name, 1));
  return {
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxEnqueuedTokens === undefined ? {} : { maxEnqueuedTokens }),
  };
}
