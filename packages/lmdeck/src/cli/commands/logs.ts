import type { CommandGroup } from '../args/command.ts';
import { backupCommand } from '../logs/backup.ts';
import { conversationsCommand } from '../logs/conversations.ts';
import { listCommand, searchCommand } from '../logs/list.ts';
import { offCommand, onCommand } from '../logs/on-off.ts';
import { pathCommand, statusCommand } from '../logs/status.ts';
import { showCommand } from '../logs/show.ts';
import { verifyCommand } from '../logs/verify.ts';

export const logsCommand: CommandGroup = {
  name: 'logs',
  summary: 'Look at the tape: list, show, search, export',
  description: 'Looks at the tape, where every call is recorded: also those that failed, were stopped or died half-way.',
  default: 'list',
  commands: [
    listCommand,
    showCommand,
    searchCommand,
    conversationsCommand,
    pathCommand,
    statusCommand,
    onCommand,
    offCommand,
    backupCommand,
    verifyCommand,
  ],
  examples: [
    { command: 'lmdeck logs -n 1', does: 'The last call' },
    { command: 'lmdeck logs -q "pelican" --json', does: 'Search, newest first, as JSON' },
    { command: 'lmdeck logs -c -r', does: 'The last answer of the current conversation, nothing else' },
    { command: 'lmdeck logs show 01kab', does: 'One call, by the beginning of its id' },
  ],
};
