import type { CommandGroup } from '../args/command.ts';
import { cancelCommand } from '../batch/cancel.ts';
import { fetchCommand } from '../batch/fetch.ts';
import { listCommand } from '../batch/list.ts';
import { retryFailedCommand } from '../batch/retry-failed.ts';
import { runCommand } from '../batch/run.ts';
import { saveCommand } from '../batch/save.ts';
import { showCommand } from '../batch/show.ts';
import { statusCommand } from '../batch/status.ts';
import { submitCommand } from '../batch/submit.ts';
import { waitCommand } from '../batch/wait.ts';

export const batchCommand: CommandGroup = {
  name: 'batch',
  summary: 'Ask a model about every row of a file; stop and go on at any time',
  description:
    'Runs a model over the rows of a file, at once (run) or as jobs that a provider works off within a day at half the price (submit). Every row gets an outcome, nothing is asked twice, and a run that was stopped goes on where it was.',
  default: 'ls',
  commands: [
    runCommand,
    listCommand,
    showCommand,
    retryFailedCommand,
    saveCommand,
    submitCommand,
    statusCommand,
    waitCommand,
    fetchCommand,
    cancelCommand,
  ],
  examples: [
    { command: 'lmdeck batch run examples/rows.jsonl -m tiny', does: 'Offline, with the embedded model' },
    { command: 'lmdeck batch show', does: 'How the last run stands' },
    { command: 'lmdeck batch retry-failed', does: 'Ask its failed rows again' },
    { command: 'lmdeck batch submit prompts.jsonl -m openai/gpt-5.6-luna', does: 'Hand the rows in as jobs' },
    { command: 'lmdeck batch wait -o out.jsonl', does: 'Wait for the newest jobs; Ctrl-C detaches' },
  ],
};
