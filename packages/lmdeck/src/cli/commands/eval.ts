import type { CommandGroup } from '../args/command.ts';
import { compareCommand } from '../eval/compare.ts';
import { listCommand } from '../eval/list.ts';
import { runCommand } from '../eval/run.ts';
import { showCommand } from '../eval/show.ts';
import { validateCommand } from '../eval/validate.ts';

export const evalCommand: CommandGroup = {
  name: 'eval',
  summary: 'Evaluate models on tasks: run, show, compare',
  description:
    'Evaluates models on tasks as lm-evaluation-harness does: its task files, its numbers, its results files. Every number can be traced to the\n' +
    'calls behind it, and a run that was stopped goes on where it was.',
  default: 'ls',
  commands: [runCommand, listCommand, showCommand, compareCommand, validateCommand],
  examples: [
    { command: 'lmdeck eval run --tasks examples/tasks -m tiny', does: 'Offline, with the embedded model' },
    { command: 'lmdeck eval show latest --wrong', does: 'What the last run got wrong' },
    { command: 'lmdeck eval compare 01kab 01kac', does: 'Is the difference more than chance?' },
  ],
};
