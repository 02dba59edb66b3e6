import type { Command } from '../args/command.ts';
import { EXIT } from '../io/report-error.ts';
import { databaseOption, withTape } from './with-tape.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'Recompute every hash on the tape; exit code 1 when something was changed',
  options: [databaseOption],
  examples: [{ command: 'lmdeck logs verify' }],
  run: (call) =>
    withTape(call, async (tape) => {
      let mismatches = 0;
      for (const { kind, id, problem } of tape.verify()) {
        mismatches++;
        await call.io.print(`${kind} ${id}: ${problem}\n`);
      }
      if (mismatches > 0) {
        call.io.note(`${mismatches} ${mismatches === 1 ? 'entry is' : 'entries are'} not what was recorded.`);
        return EXIT.failed;
      }
      const total = tape.count();
      call.io.note(`All ${total} calls are as they were recorded.`);
    }),
};
