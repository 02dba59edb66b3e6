import { expect, test } from 'vitest';
import { httpTransport } from './http-transport.ts';
import { serveHttp } from './test-support/loopback.ts';

test('a request that must arrive at most once is not sent again when a kept connection is closed', async () => {
  let posts = 0;
  await using server = await serveHttp((request, response) => {
    if (request.method === 'GET') return response.end('hello');
    posts++;
    return posts === 1 ? request.socket.destroy() : response.end('again');
  });
  await using http = httpTransport({ env: {} });
  const post = async (once: boolean): Promise<string> => {
    await (await http({ method: 'GET', url: server.url })).text();
    return (await http({ method: 'POST', url: server.url, body: 'x', once })).text();
  };
  await expect(post(true)).rejects.toMatchObject({ code: 'network' });
  expect(posts).toBe(1);
  posts = 0;
  expect(await post(false)).toBe('again');
  expect(posts).toBe(2);
});
