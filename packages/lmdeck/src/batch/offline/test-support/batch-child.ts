// A process of its own for the tests: hands rows in and waits for them, and kills itself at the step that it is told, if it comes to it.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const [protocol = 'openai', url = '', home = '', killAt = '0'] = process.argv.slice(2);
let steps = 0;

/** Between any two of these nothing is done that another process could see. */
function step(): void {
  if (++steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
}

// Every record of a journal is synced, and every part.
const { fsyncSync } = fs;
fs.fsyncSync = (file) => {
  step();
  fsyncSync(file);
  step();
};
syncBuiltinESMExports();

const { LmdeckError } = await import('../../../core/index.ts');
const { openTape } = await import('../../../tape/index.ts');
const { httpTransport } = await import('../../../transport/index.ts');
const { batchRuns, submitBatch, waitForBatch } = await import('../offline-batch.ts');
const { atOnce, batchModel, PROTOCOLS, rowsOf, texts } = await import('./batch-world.ts');

const http = httpTransport({ env: {} });
const transport: typeof http = Object.assign(
  async (request: Parameters<typeof http>[0]) => {
    step();
    const response = await http(request);
    step();
    return response;
  },
  { close: () => http.close(), [Symbol.asyncDispose]: () => http.close() },
);
const tape = openTape(join(home, 'tape.db'));
const flush = tape.flush.bind(tape);
tape.flush = async () => {
  step();
  await flush();
  step();
};

const model = batchModel(PROTOCOLS.find((each) => each === protocol) ?? 'openai', url, { transport });
const options = { tape, folder: join(home, 'batches'), pause: atOnce };
let run: string | undefined;
try {
  ({ run } = await submitBatch(rowsOf(texts(6)), model, { ...options, limits: { maxRows: 4 } }));
} catch (error) {
  // Whether a job was taken shows later.
  if (!LmdeckError.isInstance(error) || error.code !== 'conflict') throw error;
  run = batchRuns(options.folder)[0]?.run;
}
const { state } = await waitForBatch(run ?? '', model, options);
await tape.close();
await http.close();
process.stdout.write(JSON.stringify({ run, state, steps }));
