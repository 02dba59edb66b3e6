import { afterAll, describe, expect, test } from 'vitest';
import { nodeHttpTransport } from './node-http.ts';
import { testCertificate } from './test-support/certificate.ts';
import { serveHttp, serveHttps } from './test-support/loopback.ts';

const http = nodeHttpTransport({ env: {} });
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
});
