import type { CommandGroup } from '../args/command.ts';
import { statusCommand } from '../logs/status.ts';
import { verifyCommand } from '../logs/verify.ts';
import { exportCommand } from '../tape/export.ts';
import { formatsCommand } from '../tape/formats.ts';
import { importCommand } from '../tape/import.ts';
import { tagCommand } from '../tape/tag.ts';

export const tapeCommand: CommandGroup = {
  name: 'tape',
  summary: 'Import, export, tag and check recorded calls',
  description: 'Brings calls of other programs and tapes in, and takes calls out: to keep them, for other programs, or to train on.',
  default: 'status',
  commands: [
    importCommand,
    exportCommand,
    formatsCommand,
    tagCommand,
    { ...statusCommand, examples: [{ command: 'lmdeck tape status' }] },
    { ...verifyCommand, examples: [{ command: 'lmdeck tape verify' }] },
  ],
  examples: [
    { command: 'lmdeck tape import tapedata.sqlite.gz', does: 'Take over what another program recorded' },
    { command: 'lmdeck tape export -o calls.jsonl.gz --since 7d', does: 'Whole calls, to keep or to merge elsewhere' },
    { command: 'lmdeck tape tag 01kab reward=1', does: 'Note something on a call' },
    { command: 'lmdeck tape export --format sft --min-score 0.5 -o train.jsonl', does: 'What to train on' },
  ],
};
