/** The floor of an import: the same rows into another SQLite file, as they are. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { insertLlmCall, llmCalls, tapeData } from '../tape-data.ts';
import type { ClientSetup, Tasks } from '../task.ts';

const rowsPerCommit = 400;

export function open({ folder }: ClientSetup): Tasks {
  const fileOf = (argument: string): string => {
    const [rows, size] = argument.split(' ');
    return tapeData(folder, Number(rows), size === 'small' ? 'small' : 'usual');
  };
  return {
    copy: {
      prepare: (_first, _count, argument) => void fileOf(argument),
      run: (index, argument) => {
        const path = join(folder, `copy-${index}.db`);
        const source = new DatabaseSync(fileOf(argument), { readOnly: true });
        const target = new DatabaseSync(path);
        target.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${llmCalls}; BEGIN`);
        const insert = target.prepare(insertLlmCall);
        let rows = 0;
        for (const row of source.prepare('SELECT * FROM LLMCalls ORDER BY rowid').iterate()) {
          insert.run(...Object.values(row));
          if (++rows % rowsPerCommit === 0) target.exec('COMMIT; BEGIN');
        }
        target.exec('COMMIT');
        target.close();
        source.close();
        for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
        return String(rows);
      },
    },
  };
}
