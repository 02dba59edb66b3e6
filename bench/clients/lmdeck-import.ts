/** Files of TapeAgents onto a new tape and back. The argument is how many rows and how long: `5000 usual`. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { exportCalls, importCalls } from 'lmdeck/interop';
import { openTape } from 'lmdeck/tape';
import { tapeData } from '../tape-data.ts';
import type { ClientSetup, Tasks } from '../task.ts';

export function open({ folder }: ClientSetup): Tasks {
  const fileOf = (argument: string): string => {
    const [rows, size] = argument.split(' ');
    return tapeData(folder, Number(rows), size === 'small' ? 'small' : 'usual');
  };
  const filled = join(folder, 'filled.db');
  let isFilled = false;

  return {
    import: {
      prepare: (_first, _count, argument) => void fileOf(argument),
      run: async (index, argument) => {
        const path = join(folder, `import-${index}.db`);
        const tape = openTape(path);
        const { calls } = await importCalls(tape, fileOf(argument));
        await tape.close();
        for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
        return String(calls);
      },
    },
    'import again': {
      prepare: async (_first, _count, argument) => {
        if (isFilled) return;
        isFilled = true;
        await using tape = openTape(filled);
        await importCalls(tape, fileOf(argument));
      },
      run: async (_index, argument) => {
        await using tape = openTape(filled);
        return String((await importCalls(tape, fileOf(argument))).skipped);
      },
    },
    export: {
      prepare: async (_first, _count, argument) => {
        if (isFilled) return;
        isFilled = true;
        await using tape = openTape(filled);
        await importCalls(tape, fileOf(argument));
      },
      run: async (index) => {
        await using tape = openTape(filled, { readOnly: true });
        const path = join(folder, `export-${index}.jsonl`);
        const { calls } = await exportCalls(tape, path);
        rmSync(path);
        return String(calls);
      },
    },
  };
}
