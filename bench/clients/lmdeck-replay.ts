/** Replays through the public API, from a tape of many calls. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { languageModel, replay, type LanguageModel, type ReplayOptions } from 'lmdeck';
import { openTape } from 'lmdeck/tape';
import { callAt, identity } from '../recorded-calls.ts';
import { filedRecords, recordAt, shuffledIndex } from '../records.ts';
import type { ClientSetup, Task, Tasks } from '../task.ts';
import { systemText, temperature } from '../workload.ts';

const callsPerTurn = 100;

interface Filed {
  readonly model: (options: ReplayOptions) => LanguageModel;
  readonly prompts: readonly string[];
}

export function open({ folder }: ClientSetup): Tasks {
  let filed: Promise<Filed> | undefined;
  const task = (options: ReplayOptions): Task => {
    let model: LanguageModel | undefined;
    let prompts: readonly string[] = [];
    return {
      prepare: async () => {
        const { model: make, prompts: all } = await (filed ??= file(join(folder, 'filed.db')));
        model ??= make(options);
        prompts = all;
      },
      run: (index) => {
        const prompt = prompts[shuffledIndex(index)] ?? '';
        return model?.prompt(prompt, { system: systemText, options: { temperature } }).text() ?? 'not prepared';
      },
    };
  };
  return {
    exact: task({}),
    relaxed: task({ relax: ['model', 'endpoint'] }),
    'white space': task({ relax: ['whitespace'] }),
    sequence: task({ order: 'sequence', afterLast: 'repeat' }),
  };
}

async function file(path: string): Promise<Filed> {
  const tape = openTape(path);
  const prompts: string[] = [];
  for (let i = 0; i < filedRecords; i++) {
    const { start, end } = callAt(i);
    tape.start(start);
    tape.finish(start.id, end);
    // By way of bytes, so that it is one string and not the pieces of a concatenation.
    prompts.push(Buffer.from(recordAt(i).prompt).toString());
    if (i % callsPerTurn === 0) await setImmediate();
  }
  await tape.flush();
  const silent = {
    ...identity,
    capabilities: {},
    // eslint-disable-next-line require-yield -- A replay that asks its model has missed.
    async *generate() {
      throw new Error('The replay missed.');
    },
  };
  return { model: (options) => languageModel(silent, replay(tape, options)), prompts };
}
