import type { CommandGroup } from '../args/command.ts';
import { listCommand } from '../batch/list.ts';
import { retryFailedCommand } from '../batch/retry-failed.ts';
import { runCommand } from '../batch/run.ts';
import { showCommand } from '../batch/show.ts';

export const batchCommand: CommandGroup = {
  name: 'batch',
  summary: 'Ask a model about every row of a file; stop and go on at any time',
  description:
    'Runs a model over the rows of a file. Every row gets an outcome, nothing is asked twice, and a run that was stopped goes on where it was.',
  default: 'ls',
  commands: [runCommand, listCommand, showCommand, retryFailedCommand],
  examples: [
    { command: 'lmdeck batch run examples/rows.jsonl -m tiny', does: 'Offline, with the embedded model' },
    { command: 'lmdeck batch show', does: 'How the last run stands' },
    { command: 'lmdeck batch retry-failed', does: 'Ask its failed rows again' },
  ],
};
