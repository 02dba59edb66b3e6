// A process of its own for the tests: hands rows in and waits for them, and kills itself at the step that it is told, if it comes to it.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const [protocol = 'openai', url = '', home = '', killAt = '0'] = process.argv.slice(2);
/** What was done at each step, in order. */
const steps: string[] = [];

/** Between any two of these nothing is done that another process could see. */
function step(kind: string): void {
  if (steps.push(kind) === Number(killAt)) process.kill(process.pid, 'SIGKILL');
}

// Every record of a journal is synced, and every part.
const { fsyncSync, openSync } = fs;
const names = new Map<number, string>();
fs.openSync = (path, ...how) => {
  const file = openSync(path, ...how);
  names.set(file, String(path));
  return file;
};
fs.fsyncSync = (file) => {
  const kind = writtenTo(names.get(file) ?? '');
  step(`before ${kind}`);
  fsyncSync(file);
  step(`after ${kind}`);
};

/** The part, or the kind of the journal's last record. */
function writtenTo(path: string): string {
  if (!path.endsWith('journal.jsonl')) return 'rows of a part';
  const { type }: { readonly type: string } = JSON.parse(fs.readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '');
  return `record ${type}`;
}
syncBuiltinESMExports();

const { LmdeckError } = await import('../../../core/index.ts');
const { openTape } = await import('../../../tape/index.ts');
const { httpTransport } = await import('../../../transport/index.ts');
const { batchRuns, submitBatch, waitForBatch } = await import('../offline-batch.ts');
const { atOnce, batchModel, PROTOCOLS, rowsOf, texts } = await import('./batch-world.ts');

const http = httpTransport({ env: {} });
const transport: typeof http = Object.assign(
  async (request: Parameters<typeof http>[0]) => {
    // Ids are of one job.
    const kind = `${request.method ?? 'POST'} ${new URL(request.url).pathname.replaceAll(/\w+[-_]\w*\d\w*/g, 'N')}`;
    step(`before ${kind}`);
    const response = await http(request);
    step(`after ${kind}`);
    return response;
  },
  { close: () => http.close(), [Symbol.asyncDispose]: () => http.close() },
);
const tape = openTape(join(home, 'tape.db'));
const flush = tape.flush.bind(tape);
tape.flush = async () => {
  step('before flush');
  await flush();
  step('after flush');
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
