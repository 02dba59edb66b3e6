import { resolve } from 'node:path';

import type { Command } from '../args/command.ts';
import { databaseOption, withTape } from './with-tape.ts';

export const backupCommand: Command = {
  name: 'backup',
  summary: 'Copy the tape to a file, compactly and consistently, also while it is written',
  arguments: ['<path>'],
  completes: 'file',
  options: [databaseOption],
  examples: [{ command: 'lmdeck logs backup tape-backup.db' }],
  run: (call) =>
    withTape(call, async (tape) => {
      const path = resolve(call.args[0] ?? '');
      tape.backup(path);
      call.io.note(`Backed up to ${path}.`);
    }),
};
