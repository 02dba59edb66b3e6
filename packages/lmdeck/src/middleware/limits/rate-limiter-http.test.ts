import { expect, test } from 'vitest';
import { languageModel } from '../../core/index.ts';
import { chatModel } from '../../models/index.ts';
import { serveHttp } from '../../transport/test-support/loopback.ts';
import { retry, type RetryInfo } from '../retry.ts';
import { timeout } from '../timeout.ts';
import { rateLimiter } from './rate-limiter.ts';

const LIMIT = 20;
const WINDOW_MS = 500;

/** A server with a limit per half second, which it tells as if it were one per second. */
async function limitedServer() {
  let windowStart = 0;
  let count = 0;
  const seen = { ok: 0, refused: 0 };
  const server = await serveHttp(async (request, response) => {
    for await (const _ of request);
    const now = performance.now();
    if (now - windowStart >= WINDOW_MS) [windowStart, count] = [now, 0];
    const headers = {
      'content-type': 'application/json',
      'x-ratelimit-limit': String(LIMIT),
      'x-tokenlimit-limit': '1000000',
      'x-ratelimit-remaining': String(Math.max(0, LIMIT - count - 1)),
    };
    if (count >= LIMIT) {
      seen.refused++;
      response.writeHead(429, { ...headers, 'retry-after-ms': String(Math.ceil(WINDOW_MS - (now - windowStart))) });
      return response.end('{"error":{"message":"slow down","type":"requests"}}');
    }
    count++;
    seen.ok++;
    response.writeHead(200, headers);
    const usage = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 };
    response.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }], usage }));
  });
  return { server, seen };
}

test('over HTTP: limits are learned from the heads, refusals are waited for once, and every call is answered', async () => {
  const { server, seen } = await limitedServer();
  await using _ = server;
  const limiter = rateLimiter({ requestsPerSecond: 1000 });
  const retries: RetryInfo[] = [];
  const model = languageModel(
    chatModel({ name: 'test', baseUrl: `${server.url}/v1`, model: 'm' }),
    retry({ onRetry: (info) => retries.push(info) }),
    limiter.wrapper,
    timeout(),
  );
  // All at once: most of them are on their way before the first answer is here.
  const first = await Promise.all(Array.from({ length: 60 }, () => model.prompt('hi').text()));
  expect(first).toEqual(first.map(() => 'ok'));
  expect(limiter.state().lanes[0]?.limits).toMatchObject(
    expect.arrayContaining([expect.objectContaining({ kind: 'requests', limit: LIMIT, spanMs: 1000, source: 'server' })]),
  );
  expect(seen.ok).toBe(60);
  expect(retries.length).toBe(seen.refused);
  // The limiter waits for them, retry() does not.
  for (const { delayMs, error } of retries) expect([delayMs, error.code]).toEqual([0, 'rate-limit']);

  const refused = seen.refused;
  const more = await Promise.all(Array.from({ length: 30 }, (__, i) => model.prompt('hi', { runId: `run-${i % 2}` }).text()));
  expect(more).toEqual(more.map(() => 'ok'));
  expect(seen.refused).toBe(refused);
  expect(limiter.state()).toMatchObject({ inFlight: 0, waiting: 0 });
});
