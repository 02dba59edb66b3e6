import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { languageModel, surroundCalls } from '../core/index.ts';
import { record } from '../middleware/index.ts';
import { mock } from '../models/index.ts';
import { openTape } from '../tape/index.ts';
import { environmentReplay } from './environment-replay.ts';

let folder: string;
let server: Server;
let baseUrl: string;
let asked: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lmdeck-replay-'));
  asked = 0;
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      asked++;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          id: 'x',
          choices: [{ index: 0, message: { role: 'assistant', content: `answer ${asked}` }, finish_reason: 'stop' }],
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  baseUrl = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/v1` : '';
  writeFileSync(join(folder, 'endpoints.yaml'), `lab:\n  baseUrl: ${baseUrl}\n`);
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** What the program prints: three answers and how many calls are on the deck's tape. */
function run(env: Readonly<Record<string, string>>, prompt = 'Hi'): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'test-support/asking-child.ts'), baseUrl, folder, prompt], {
      env: { ...process.env, FORCE_COLOR: '0', ...env },
      cwd: folder,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject).on('close', () => resolve(output.trim().split(/\n(?=answer|[a-z-]+:|\d)/)));
  });
}

describe.each(['calls.db', 'calls.yaml'])('%s', (file) => {
  test('is recorded once by every kind of model, and replayed for each without the server', async () => {
    expect(await run({ LMDECK_REPLAY: file, LMDECK_REPLAY_ON: 'record' })).toEqual(['answer 1', 'answer 1', 'answer 1', '0']);
    expect(asked).toBe(1);
    const before = readFileSync(join(folder, file));
    server.close();
    server.closeAllConnections();
    expect(await run({ LMDECK_REPLAY: file })).toEqual(['answer 1', 'answer 1', 'answer 1', '0']);
    expect(readFileSync(join(folder, file))).toEqual(before);

    const [library = '', wrapped = '', deck = '', count] = await run({ LMDECK_REPLAY: file }, 'Ho');
    for (const error of [library, wrapped, deck]) {
      expect(error).toMatch(
        /^replay-miss: Nothing is recorded for this request to lab\/small\.\nClosest recorded prompt: call .* \(similarity 0\.875\)/,
      );
      expect(error).toContain('message 1 (user): [-Hi-]{+Ho+}');
      expect(error).toContain(
        `replayed from ${join(folder, file)} (LMDECK_REPLAY). To ask and record what is missing: LMDECK_REPLAY_ON=record`,
      );
    }
    expect(count).toBe('0');
  });
});

test('without it nothing is replayed, and the deck records as always', async () => {
  expect(await run({ LMDECK_REPLAY: '' })).toEqual(['answer 1', 'answer 2', 'answer 3', '1']);
});

test('in sequence, all models count together', async () => {
  {
    await using tape = openTape(join(folder, 'calls.db'));
    const model = languageModel({ ...mock({ id: 'lab/small', outputs: ['one', 'two'] }), endpoint: 'elsewhere' }, record(tape));
    for (let i = 0; i < 2; i++) await model.prompt('Hi').text();
  }
  const [first, second, third] = await run({ LMDECK_REPLAY: 'calls.db', LMDECK_REPLAY_ORDER: 'sequence', LMDECK_REPLAY_RELAX: 'endpoint' });
  expect([first, second]).toEqual(['one\ntwo', expect.stringContaining('recorded 2 times and is asked 3 times')]);
  expect(third).toBe('0');
});

test.each([
  [{ LMDECK_REPLAY: 'none.db' }, 'LMDECK_REPLAY: there is no file'],
  [{ LMDECK_REPLAY: '.' }, 'is a folder. Name a file in it.'],
  [{ LMDECK_REPLAY: 'x.yaml', LMDECK_REPLAY_ON: 'recrod' }, 'LMDECK_REPLAY_ON cannot be "recrod". Did you mean record'],
  [
    { LMDECK_REPLAY: 'x.yaml', LMDECK_REPLAY_ON: 'record', LMDECK_REPLAY_RELAX: 'model, whitspace' },
    'there is no relaxation "whitspace". Did you mean whitespace',
  ],
])('%j is refused', async (env, message) => {
  await expect(environmentReplay(env)).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(message) });
});

describe('surroundings of calls', () => {
  test('concern the calls in them and no others, and the outermost model of each alone', async () => {
    const seen: string[] = [];
    const inner = languageModel(mock({ outputs: ['ok'] }));
    const outer = languageModel(inner, (request, context, next) => next(request, { ...context, stream: false }));
    const ask = async (name: string): Promise<void> => {
      await surroundCalls(
        (request, context, next) => {
          seen.push(name);
          return next(request, context);
        },
        async () => {
          await new Promise((resolve) => setImmediate(resolve));
          await outer.prompt('Hi').text();
        },
      );
    };
    await Promise.all([ask('a'), ask('b'), outer.prompt('Hi').text()]);
    expect(seen.sort()).toEqual(['a', 'b']);
  });
});
