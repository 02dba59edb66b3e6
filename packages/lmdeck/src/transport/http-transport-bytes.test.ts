/** The transport and Node's own client get the same bytes from the same server, and must make the same of them. */
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LmdeckError } from '../core/index.ts';
import { httpTransport } from './http-transport.ts';
import { serveRaw, type Loopback } from './test-support/loopback.ts';

const http = httpTransport({ env: {} });
const agent = new Agent({ keepAlive: true });

/** What the server says next, and where it cuts it. */
let answer: { readonly bytes: Buffer; readonly cuts: readonly number[] };
let server: Loopback;
beforeAll(async () => {
  server = await serveRaw((socket) => say(socket, 0, 0));
});
afterAll(async () => {
  await http.close();
  agent.destroy();
  await server[Symbol.asyncDispose]();
});

/** Every piece leaves alone; the end of the connection follows the last. */
function say(socket: Socket, start: number, piece: number): void {
  const { bytes, cuts } = answer;
  const end = cuts[piece] ?? bytes.length;
  socket.write(bytes.subarray(start, end), () => {
    if (end === bytes.length) socket.end();
    else setImmediate(say, socket, end, piece + 1);
  });
}

type Outcome = { readonly status: number; readonly headers: string[][]; readonly body: string } | 'refused' | 'broken off';

async function ours(): Promise<Outcome> {
  try {
    const { status, headers, body } = await http({ method: 'POST', url: server.url, body: '{}' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return { status, headers: Object.entries(headers), body: Buffer.concat(chunks).toString('latin1') };
  } catch (error) {
    const code = LmdeckError.isInstance(error) ? error.code : error;
    expect(['network', 'incomplete-response', 'invalid-response']).toContain(code);
    return code === 'invalid-response' ? 'refused' : 'broken off';
  }
}

function nodes(): Promise<Outcome> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(error.code?.startsWith('HPE_') === true ? 'refused' : 'broken off');
    const sent = request({ port: server.port, host: '127.0.0.1', method: 'POST', agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () => {
        const headers: Record<string, string> = {};
        for (let i = 0; i < response.rawHeaders.length; i += 2) {
          const name = response.rawHeaders[i]?.toLowerCase() ?? '';
          const value = response.rawHeaders[i + 1] ?? '';
          headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
        }
        resolve({ status: response.statusCode ?? 0, headers: Object.entries(headers), body: Buffer.concat(chunks).toString('latin1') });
      });
    });
    sent.on('error', failed);
    sent.end('{}');
  });
}

async function expectSame(text: string, cuts: readonly number[]): Promise<void> {
  answer = { bytes: Buffer.from(text, 'latin1'), cuts };
  expect(await ours()).toEqual(await nodes());
}

const everyByte = (text: string): number[] => Array.from({ length: text.length - 1 }, (_, i) => i + 1);
const cutsOf = (text: string): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 6 }).map((cuts) => cuts.sort((a, b) => a - b));

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;

describe('the same is made of', () => {
  test.each<[string, string]>([
    ['a length', `${ok}content-length: 3\r\n\r\nabc`],
    ['a length that is not reached', `${ok}content-length: 4\r\n\r\nabc`],
    ['a malformed length', `${ok}content-length: 3 3\r\n\r\nabc`],
    ['an empty length', `${ok}content-length:\r\n\r\nabc`],
    ['different lengths', `${ok}content-length: 3\r\ncontent-length: 4\r\n\r\nabc`],
    ['no length', `${ok}\r\nabc`],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nabc'],
    ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\nabc'],
    ['no reason', 'HTTP/1.1 200\r\ncontent-length: 1\r\n\r\nx'],
    ['an empty reason', 'HTTP/1.1 200 \r\ncontent-length: 1\r\n\r\nx'],
    ['a reason of any bytes', 'HTTP/1.1 200 \0\x80\xff\r\ncontent-length: 1\r\n\r\nx'],
    ['status 999', 'HTTP/1.1 999 OK\r\ncontent-length: 1\r\n\r\nx'],
    ['two spaces', 'HTTP/1.1  200 OK\r\ncontent-length: 1\r\n\r\nx'],
    ['two digits', 'HTTP/1.1 20 OK\r\ncontent-length: 1\r\n\r\nx'],
    ['four digits', 'HTTP/1.1 2000 OK\r\ncontent-length: 1\r\n\r\nx'],
    ['http in lower case', 'http/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx'],
    ['no body: 204', 'HTTP/1.1 204 No\r\ncontent-length: 3\r\n\r\n'],
    ['no body: 304', 'HTTP/1.1 304 No\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['interim answers', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\na: b\r\ncontent-length: 5\r\n\r\n${ok}content-length: 1\r\n\r\nx`],
    ['line feeds alone', 'HTTP/1.1 200 OK\ncontent-length: 1\n\nx'],
    ['a line feed alone after the status', 'HTTP/1.1 200 OK\ncontent-length: 1\r\n\r\nx'],
    ['a line feed alone after a header', `${ok}content-length: 1\n\r\nx`],
    ['a line feed alone at the end of the head', `${ok}content-length: 1\r\n\nx`],
    ['a carriage return alone', `${ok}a: b\rc\r\ncontent-length: 1\r\n\r\nx`],
    ['a folded header', `${ok}a: b\r\n c\r\ncontent-length: 1\r\n\r\nx`],
    ['white space before the colon', `${ok}a : b\r\ncontent-length: 1\r\n\r\nx`],
    ['no name', `${ok}: b\r\ncontent-length: 1\r\n\r\nx`],
    ['no colon', `${ok}ab\r\ncontent-length: 1\r\n\r\nx`],
    ['a control character', `${ok}a: b\x01\r\ncontent-length: 1\r\n\r\nx`],
    ['white space around values', `${ok}a: \t b c\t \r\ncontent-length:1\r\n\r\nx`],
    ['repeated headers', `${ok}A: 1\r\nset-cookie: x\r\na: 2\r\nSet-Cookie: y\r\ncontent-length: 1\r\n\r\nx`],
    ['an upgrade that nobody asked for', `${ok}upgrade: x\r\nconnection: upgrade\r\ncontent-length: 1\r\n\r\nx`],
    ['chunks', `${chunked}1\r\na\r\n02\r\nbc\r\n0\r\n\r\n`],
    ['chunks with extensions and trailers', `${chunked}3;a=b;c="d"\r\nabc\r\n0;e\r\nx: y\r\n\r\n`],
    ['chunks without their end', `${chunked}3\r\nabc\r\n0\r\n`],
    ['chunks with line feeds alone', `${chunked}3\nabc\n0\n\n`],
    ['chunks that are too long', `${chunked}3\r\nabcd\r\n0\r\n\r\n`],
    ['chunks of a huge size', `${chunked}fffffffffffffffffff\r\nabc\r\n0\r\n\r\n`],
    ['chunks with white space', `${chunked}3 \r\nabc\r\n0\r\n\r\n`],
    ['chunks without size', `${chunked}\r\nabc\r\n0\r\n\r\n`],
    ['identity', `${ok}transfer-encoding: identity\r\n\r\nabc`],
    ['nothing', ''],
    ['half a head', `${ok}content-le`],
  ])('%s', async (_, text) => {
    await expectSame(text, []);
    if (text !== '') await expectSame(text, everyByte(text));
    if (text !== '')
      await fc.assert(
        fc.asyncProperty(cutsOf(text), (cuts) => expectSame(text, cuts)),
        { numRuns: 5 },
      );
  });

  test('answers of every shape, whole and spoiled', async () => {
    const token = fc.constantFrom('X-A', 'x-b', 'Date', 'connection', 'Keep-Alive', 'content-type', 'Retry-After', "!#$%&'*+-.^_`|~");
    const text = fc.string({ unit: fc.constantFrom('a', 'Z', '0', ' ', '\t', ',', ';', '=', '"', ':', '\x80', '\xff'), maxLength: 12 });
    const headers = fc
      .array(fc.tuple(token, text), { maxLength: 5 })
      .map((list) => list.map(([name, value]) => `${name}: ${value}\r\n`).join(''));
    const body = fc.string({ unit: fc.constantFrom('a', '0', '\r', '\n', ';', '\0', '\xff'), maxLength: 40 });
    const chunk = (data: string, upper: boolean): string => {
      const size = data.length.toString(16);
      return `${upper ? size.toUpperCase() : size}\r\n${data}\r\n`;
    };
    const chunks = fc.array(fc.tuple(body, fc.boolean()), { maxLength: 5 });
    const framed = fc.oneof(
      body.map((data) => `content-length: ${data.length}\r\n\r\n${data}`),
      body.map((data) => `\r\n${data}`),
      chunks.map(
        (list) =>
          `Transfer-Encoding: chunked\r\n\r\n${list.flatMap(([data, upper]) => (data === '' ? [] : [chunk(data, upper)])).join('')}0\r\n\r\n`,
      ),
    );
    const status = fc.constantFrom(200, 201, 206, 300, 404, 429, 500, 503);
    const whole = fc
      .tuple(fc.constantFrom('1.1', '1.1', '1.0'), status, headers, framed)
      .map(([version, code, lines, rest]) => `HTTP/${version} ${code} Reason\r\n${lines}${rest}`);
    const spoiled = fc.oneof(
      { weight: 2, arbitrary: whole },
      { weight: 1, arbitrary: fc.tuple(whole, fc.nat()).map(([all, at]) => all.slice(0, at % all.length)) },
    );
    const withCuts = spoiled.chain((all) => fc.tuple(fc.constant(all), all.length < 2 ? fc.constant([]) : cutsOf(all)));
    await fc.assert(
      fc.asyncProperty(withCuts, ([all, cuts]) => expectSame(all, cuts)),
      { numRuns: 300 },
    );
  });

  test('heads with one wrong byte', async () => {
    const head = `${ok}Content-Type: a/b\r\ncontent-length: 3\r\nx-y: z\r\n\r\nabc`;
    const change = fc.tuple(fc.nat({ max: head.length - 4 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, byte]) => {
        const text = head.slice(0, at) + String.fromCharCode(byte) + head.slice(at + 1);
        // More bytes than the answer has are no error here: the answer is whole, only the connection is given up.
        fc.pre(!/ 204 | [012]\r/.test(text));
        await expectSame(text, []);
      }),
      { numRuns: 300 },
    );
  });

  test('chunks with one wrong byte', async () => {
    const text = `${chunked}3\r\nabc\r\n1a\r\n0123456789abcdef0123456789\r\n0\r\n\r\n`;
    const change = fc.tuple(fc.integer({ min: chunked.length, max: text.length - 1 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, byte]) => {
        await expectSame(text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1), []);
      }),
      { numRuns: 300 },
    );
  });
});
