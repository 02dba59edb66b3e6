import type { Command } from '../args/command.ts';
import { jobOptions } from './offline-options.ts';
import { handInOptions, outputOptions, overwriteOption, takeInOptions } from './run-options.ts';
import { workOnRun } from './run-work.ts';

export const fetchCommand: Command = {
  name: 'fetch',
  summary: 'Take in what the jobs of a run have brought so far',
  description:
    'Puts the answers of jobs that have ended onto the tape and writes outcomes in the order of the rows. Rows that are still open are left out;\n' +
    'then the exit code is 3, as when rows have no answer.',
  arguments: ['[run]'],
  options: [...outputOptions, overwriteOption, ...handInOptions, ...takeInOptions, ...jobOptions],
  examples: [{ command: 'lmdeck batch fetch 01kab -o out.jsonl' }, { command: 'lmdeck batch fetch -o - | jq -r .text' }],
  run: (call) =>
    workOnRun(call, async (run, model, options) => {
      const { fetchBatch } = await import('../../batch/index.ts');
      return fetchBatch(run, model, options);
    }),
};
