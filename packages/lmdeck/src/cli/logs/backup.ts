import type { Command } from '../args/command.ts';
import { namedFile } from '../io/named-file.ts';
import { databaseOption, withTape } from './with-tape.ts';

export const backupCommand: Command = {
  name: 'backup',
  summary: 'Copy the tape to a file, compactly and consistently, also while it is written',
  arguments: ['<path>'],
  completes: 'file',
  options: [databaseOption],
  examples: [{ command: 'lmdeck logs backup tape-backup.db' }],
  run: (call) =>
    withTape(
      call,
      async (tape) => {
        const path = namedFile(call.args[0] ?? '', 'a tape is no text. Name the file; as text: lmdeck tape export');
        tape.backup(path);
        call.io.note(`Backed up to ${path}.`);
      },
      true,
    ),
};
