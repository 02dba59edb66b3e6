import type { CommandGroup } from '../args/command.ts';
import { cancelCommand } from '../batch/cancel.ts';
import { fetchCommand } from '../batch/fetch.ts';
import { statusCommand } from '../batch/status.ts';
import { submitCommand } from '../batch/submit.ts';
import { waitCommand } from '../batch/wait.ts';

export const batchCommand: CommandGroup = {
  name: 'batch',
  summary: 'Many prompts as jobs of the provider, at half the price',
  default: 'status',
  commands: [submitCommand, statusCommand, waitCommand, fetchCommand, cancelCommand],
  examples: [
    { command: 'lmdeck batch submit prompts.jsonl -m openai/gpt-5.6-luna' },
    { command: 'lmdeck batch wait -o out.jsonl', does: 'The newest run; Ctrl-C detaches' },
  ],
};
