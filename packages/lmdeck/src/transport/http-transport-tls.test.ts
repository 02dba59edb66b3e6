import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { httpTransport } from './http-transport.ts';
import { sendsFast, whereItStops } from './test-support/back-pressure.ts';
import { testCertificate, testKey } from './test-support/certificate.ts';
import { listen, readAll, serveHttp, serveHttps } from './test-support/loopback.ts';

const http = httpTransport({ env: {} });
afterAll(() => http.close());

describe('TLS', () => {
  test('a certificate that nobody vouches for is refused, with the option that helps', async () => {
    await using server = await serveHttps((_, response) => response.end('x'));
    await expect(http({ method: 'GET', url: server.url })).rejects.toMatchObject({
      code: 'network',
      retryable: false,
      message: expect.stringMatching(/127\.0\.0\.1:\d+: .*DEPTH_ZERO_SELF_SIGNED_CERT.*tls\.ca.*tls\.verify: false/),
    });
    expect(server.sockets).toHaveLength(1);
  });

  test('an authority of one’s own', async () => {
    await using server = await serveHttps((_, response) => response.end('x'));
    const tls = { ca: testCertificate };
    for (const host of ['127.0.0.1', 'localhost', 'localhost']) {
      const response = await http({ method: 'POST', url: `https://${host}:${server.port}/`, body: 'x', tls });
      expect(await response.text()).toBe('x');
    }
    expect(server.sockets).toHaveLength(2);
  });

  test('the name must fit', async () => {
    await using server = await serveHttps((_, response) => response.end('x'));
    const url = `https://other.localhost:${server.port}/`;
    const error = await http({ method: 'GET', url, tls: { ca: testCertificate } }).catch((thrown: unknown) => thrown);
    // Some systems do not resolve names below localhost.
    expect(error).toMatchObject({ code: 'network', message: expect.stringMatching(/ERR_TLS_CERT_ALTNAME_INVALID|ENOTFOUND|EAI_AGAIN/) });
  });

  test('verify: false holds for its own requests only', async () => {
    await using server = await serveHttps((_, response) => response.end('x'));
    const response = await http({ method: 'GET', url: server.url, tls: { verify: false } });
    expect(await response.text()).toBe('x');
    await expect(http({ method: 'GET', url: server.url })).rejects.toMatchObject({ code: 'network' });
    await expect(http({ method: 'GET', url: server.url, tls: { verify: true } })).rejects.toMatchObject({ code: 'network' });
  });

  test('a connection that the server closes on reuse is replaced', async () => {
    let requests = 0;
    await using server = await serveHttps((request, response) => {
      requests += 1;
      if (requests === 2) request.socket.destroy();
      else response.end(String(requests));
    });
    const tls = { ca: testCertificate };
    const texts: string[] = [];
    for (let i = 0; i < 2; i++)
      texts.push(await (await http({ method: 'POST', url: `https://localhost:${server.port}/`, body: 'x', tls })).text());
    expect(texts).toEqual(['1', '3']);
  });

  test('speaks HTTP/1.1 by name, and shakes hands shortly the second time', async () => {
    const seen: unknown[] = [];
    const own = createServer({ cert: testCertificate, key: testKey, ALPNProtocols: ['h2', 'http/1.1'] }, (_, response) => {
      response.setHeader('connection', 'close');
      response.end('x');
    });
    own.on('secureConnection', (socket: TLSSocket) => {
      seen.push([socket.alpnProtocol, Reflect.get(socket, 'servername'), socket.isSessionReused()]);
    });
    await using server = await listen(own, 'https');
    for (let i = 0; i < 3; i++) {
      const response = await http({ method: 'GET', url: `https://localhost:${server.port}/`, tls: { ca: testCertificate } });
      expect(await response.text()).toBe('x');
    }
    expect(seen).toEqual([false, true, true].map((again) => ['http/1.1', 'localhost', again]));
  });

  test('a server that speaks plain HTTP', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    await expect(http({ method: 'GET', url: server.url.replace('http:', 'https:') })).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/127\.0\.0\.1:\d+/),
    });
  });

  test.each(['my-ca.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])('%j is no authority', async (ca) => {
    await expect(http({ method: 'GET', url: 'https://127.0.0.1:9/', tls: { ca } })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('tls.ca'),
    });
  });

  test('long requests and answers, held back when nobody reads', async () => {
    const size = 64 * 1_048_576;
    await using server = await serveHttps(sendsFast(Buffer.alloc(size, 'x')));
    const tls = { ca: testCertificate };
    const sent = await http({ method: 'POST', url: server.url, body: 'x'.repeat(size), tls });
    expect(await sent.text()).toBe(String(size));
    const response = await http({ method: 'GET', url: server.url, tls });
    const askSent = async (): Promise<string> => (await http({ method: 'GET', url: `${server.url}/sent`, tls })).text();
    expect(await whereItStops(askSent)).toBeLessThan(size / 2);
    let read = 0;
    for await (const bytes of response.body) read += bytes.length;
    expect(read).toBe(size);
  });

  test('thousands of pieces, each as it comes', async () => {
    await using server = await serveHttps((_, response) => {
      let i = 0;
      const next = (): void => {
        if (i === 2_000) response.end();
        else response.write(`${i++}\n`, () => setImmediate(next));
      };
      next();
    });
    const text = await readAll((await http({ method: 'GET', url: server.url, tls: { ca: testCertificate } })).body);
    expect(text).toBe(Array.from({ length: 2_000 }, (_, i) => `${i}\n`).join(''));
  });
});
