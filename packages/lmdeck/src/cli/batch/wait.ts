import type { Command } from '../args/command.ts';
import { jobOptions } from './offline-options.ts';
import { handInOptions, outputOptions, overwriteOption, takeInOptions } from './run-options.ts';
import { workOnRun } from './run-work.ts';

export const waitCommand: Command = {
  name: 'wait',
  summary: 'Wait until every row of a run has its outcome',
  description:
    'Hands in what has room, looks at the jobs, takes in what they bring and asks anew what an expired job left. Ctrl-C detaches: the jobs go on,\n' +
    'and so does the next wait. A run that began with an output writes it, unless another is named. The exit code is 3 when rows have no answer.',
  arguments: ['[run]'],
  options: [...outputOptions, overwriteOption, ...handInOptions, ...takeInOptions, ...jobOptions],
  examples: [{ command: 'lmdeck batch wait', does: 'The newest run' }, { command: 'lmdeck batch wait 01kab -o out.jsonl' }],
  run: (call) =>
    workOnRun(call, async (run, model, options) => {
      const { waitForBatch } = await import('../../batch/index.ts');
      return waitForBatch(run, model, options);
    }),
};
