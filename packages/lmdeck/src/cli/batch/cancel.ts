import type { Command } from '../args/command.ts';
import { jobOptions } from './offline-options.ts';
import { workOnRun } from './run-work.ts';

export const cancelCommand: Command = {
  name: 'cancel',
  summary: 'Cancel the open jobs of a run',
  description:
    'Nothing more is handed in. What the jobs have done by then is paid for: lmdeck batch wait takes it in. The run must be named.',
  arguments: ['<run>'],
  options: jobOptions,
  examples: [{ command: 'lmdeck batch cancel 01kab' }],
  run: async (call) => {
    await workOnRun(call, async (run, model, options) => {
      const { cancelBatch } = await import('../../batch/index.ts');
      return cancelBatch(run, model, options);
    });
  },
};
