import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { batchServer } from '../../packages/lmdeck/src/batch/test-support/batch-server.ts';
import { user } from './support/lmdeck.ts';

test.each([
  ['anthropic', 'ANTHROPIC'],
  ['gemini', 'GEMINI'],
] as const)('models of %s are built in: asked whole, recorded, with their own key', async (name, variable) => {
  await using server = await batchServer(name);
  using anna = user();
  const env = { [`${variable}_BASE_URL`]: server.url, [`${variable}_API_KEY`]: 'k' };
  expect(await anna.run(['-m', `${name}/some-model`, 'hello'], { env })).toEqual({ code: 0, stdout: 'Re: hello\n', stderr: '' });
  expect(JSON.parse((await anna.run(['logs', '--json', '-n', '0'])).stdout)).toMatchObject([
    { model: `${name}/some-model`, resolved_model: 'some-model-2026', response: 'Re: hello', input_tokens: 10, output_tokens: 5 },
  ]);
  const keyless = await anna.run(['-m', `${name}/some-model`, 'hello'], { env: { ...env, [`${variable}_API_KEY`]: '' } });
  expect(keyless).toMatchObject({ code: 1, stderr: expect.stringContaining(`lmdeck keys set ${name}`) });
});

test('recorded answers of both are decoded', async () => {
  using anna = user();
  writeFileSync(join(anna.home, 'a.json'), '{"content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}');
  writeFileSync(join(anna.home, 'g.json'), '{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}');
  for (const [api, file] of [
    ['anthropic', 'a.json'],
    ['gemini', 'g.json'],
  ] as const) {
    const { stdout } = await anna.run(['debug', 'decode', '--api', api, file]);
    expect(JSON.parse(stdout)).toMatchObject({
      samples: [{ message: { parts: [{ type: 'text', text: 'Hi' }] }, finish: { reason: 'stop' } }],
      error: null,
    });
  }
  expect(await anna.run(['debug', 'decode', '--api', 'other', 'a.json'])).toMatchObject({ code: 2 });
});
