/** The tape as its users meet it: written through the `CallStore` interface, read through `find`, and as a cache under a model. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { languageModel, type LanguageModel } from 'lmdeck';
import { cache } from 'lmdeck/middleware';
import { openTape, type Tape } from 'lmdeck/tape';
import { filedRecords, recordAt, shuffledIndex } from '../records.ts';
import { callAt, identity, identify, type RecordedCall } from '../recorded-calls.ts';
import type { ClientSetup, Tasks } from '../task.ts';
import { systemText, temperature } from '../workload.ts';

const callsPerTurn = 100;

interface Filed {
  readonly tape: Tape;
  readonly model: LanguageModel;
  readonly keys: readonly string[];
  readonly prompts: readonly string[];
}

export function open({ folder }: ClientSetup): Tasks {
  const filedPath = join(folder, 'filed.db');
  let written: Tape | undefined;
  let calls: readonly RecordedCall[] = [];
  let firstCall = 0;
  let filed: Filed | undefined;
  let filedOpen = true;

  async function prepareWrite(first: number, count: number): Promise<void> {
    await written?.close();
    if (written !== undefined) rmSync(written.path);
    written = openTape(join(folder, `write-${first}.db`));
    calls = Array.from({ length: count }, (_, i) => callAt(first + i));
    firstCall = first;
  }

  async function write(index: number, hashed: boolean): Promise<string> {
    const call = calls[index - firstCall];
    if (written === undefined || call === undefined) return 'not prepared';
    written.start(hashed ? call.start : identify(call.start));
    written.finish(call.start.id, call.end);
    // Calls end between reads from sockets, never all in one turn of the event loop.
    if (index % callsPerTurn === 0) await setImmediate();
    return 'written';
  }

  const prepareFiled = async (): Promise<void> => {
    filed ??= await file(filedPath);
  };

  return {
    write: { prepare: prepareWrite, run: (index) => write(index, true), settle: () => written?.flush() },
    'hash and write': { prepare: prepareWrite, run: (index) => write(index, false), settle: () => written?.flush() },
    find: {
      prepare: prepareFiled,
      run: (index) => (filed?.tape.find(filed.keys[shuffledIndex(index)] ?? '') === undefined ? 'missing' : 'found'),
    },
    cached: {
      prepare: prepareFiled,
      run: (index) =>
        filed?.model.prompt(filed.prompts[shuffledIndex(index)] ?? '', { system: systemText, options: { temperature } }).text() ??
        'not prepared',
    },
    open: {
      prepare: async () => {
        await prepareFiled();
        if (filedOpen) await filed?.tape.close();
        filedOpen = false;
      },
      run: async (index) => {
        const tape = openTape(filedPath);
        const call = tape.find(filed?.keys[shuffledIndex(index)] ?? '');
        await tape.close();
        return call === undefined ? 'missing' : 'found';
      },
    },
  };
}

async function file(path: string): Promise<Filed> {
  const tape = openTape(path);
  const keys: string[] = [];
  const prompts: string[] = [];
  for (let i = 0; i < filedRecords; i++) {
    const { start, end } = callAt(i);
    tape.start(start);
    tape.finish(start.id, end);
    keys.push(start.requestKey);
    // By way of bytes, so that it is one string and not the pieces of a concatenation.
    prompts.push(Buffer.from(recordAt(i).prompt).toString());
    if (i % callsPerTurn === 0) await setImmediate();
  }
  await tape.flush();
  const model = languageModel(
    {
      ...identity,
      capabilities: {},
      // eslint-disable-next-line require-yield -- A cache that asks its model has missed.
      async *generate() {
        throw new Error('The cache missed.');
      },
    },
    cache(tape),
  );
  return { tape, model, keys, prompts };
}
