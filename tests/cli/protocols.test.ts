import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { messageStream } from '../../packages/lmdeck/src/models/anthropic/test-support/message-stream.ts';
import { contentStream } from '../../packages/lmdeck/src/models/google/test-support/content-stream.ts';
import { readAll, serveHttp } from '../../packages/lmdeck/src/transport/test-support/loopback.ts';
import { user } from './support/lmdeck.ts';

const message = {
  id: 'r1',
  model: 'some-model-2026',
  content: [{ type: 'text', text: 'Hello there' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 10, output_tokens: 5 },
};
const content = {
  candidates: [{ content: { parts: [{ text: 'Hello there' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5 },
  modelVersion: 'some-model-2026',
};
const cut = (): readonly string[] => ['Hello', ' there'];

test.each([
  ['anthropic', 'ANTHROPIC', messageStream(message, cut), message],
  ['gemini', 'GEMINI', contentStream(content, cut), content],
] as const)(
  'models of %s are built in: answers are printed as they come, recorded, asked for with their own key',
  async (name, variable, events, whole) => {
    const printed = Promise.withResolvers<void>();
    await using server = await serveHttp(async (request, response) => {
      await readAll(request);
      if (request.headers.accept !== 'text/event-stream') return response.end(JSON.stringify(whole));
      const half = events.findIndex((event) => event.includes('Hello')) + 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(events.slice(0, half).join(''));
      await printed.promise;
      return response.end(events.slice(half).join(''));
    });
    using anna = user();
    const env = { [`${variable}_BASE_URL`]: `${server.url}/v1`, [`${variable}_API_KEY`]: 'k' };
    const asked = anna.start(['-m', `${name}/some-model`, 'hello'], { env, input: '' });
    await asked.until('Hello');
    printed.resolve();
    expect(await asked.ended).toEqual({ code: 0, stdout: 'Hello there\n', stderr: '' });
    expect(await anna.run(['-m', `${name}/some-model`, 'hello', '--no-stream'], { env })).toEqual({
      code: 0,
      stdout: 'Hello there\n',
      stderr: '',
    });
    const answer = {
      model: `${name}/some-model`,
      resolved_model: 'some-model-2026',
      response: 'Hello there',
      input_tokens: 10,
      output_tokens: 5,
    };
    expect(JSON.parse((await anna.run(['logs', '--json', '-n', '0'])).stdout)).toMatchObject([answer, answer]);
    const keyless = await anna.run(['-m', `${name}/some-model`, 'hello'], { env: { ...env, [`${variable}_API_KEY`]: '' } });
    expect(keyless).toMatchObject({ code: 1, stderr: expect.stringContaining(`lmdeck keys set ${name}`) });
  },
);

test('recorded answers of both are decoded', async () => {
  using anna = user();
  writeFileSync(join(anna.home, 'a.json'), '{"content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}');
  writeFileSync(join(anna.home, 'g.json'), '{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}');
  writeFileSync(join(anna.home, 'g.sse'), 'data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}\n\n');
  for (const [api, file] of [
    ['anthropic', 'a.json'],
    ['gemini', 'g.json'],
    ['gemini', 'g.sse'],
  ] as const) {
    const { stdout } = await anna.run(['debug', 'decode', '--api', api, '--split', '3', file]);
    expect(JSON.parse(stdout)).toMatchObject({
      samples: [{ message: { parts: [{ type: 'text', text: 'Hi' }] }, finish: { reason: 'stop' } }],
      error: null,
    });
  }
  expect(await anna.run(['debug', 'decode', '--api', 'other', 'a.json'])).toMatchObject({ code: 2 });
});
