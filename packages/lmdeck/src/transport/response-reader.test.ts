import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxHeadBytes, parseHeaderLines } from './response-head.ts';
import { ResponseReader } from './response-reader.ts';

/** What was found: `problem` instead of `complete` when it is no HTTP. */
interface Found {
  readonly status?: number;
  readonly body?: string;
  readonly complete?: boolean;
  readonly problem?: string;
}

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;

/** Feeds the reader with `text` (latin1) cut at `cuts`, then ends the connection. */
function read(text: string, cuts: readonly number[], reader = new ResponseReader()): Found & { readonly reader: ResponseReader } {
  const bytes = Buffer.from(text, 'latin1');
  // Like the block that a connection reads into: what was in it before is overwritten by every read.
  const block = Buffer.alloc(bytes.length);
  let body = '';
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    bytes.copy(block, 0, start, end);
    reader.push(block, end - start);
    body += reader.payload?.toString('latin1') ?? '';
    start = end;
    if (reader.problem !== undefined || reader.complete) break;
  }
  const rest = bytes.length - start;
  if (rest === 0 && reader.problem === undefined && !reader.complete) reader.end();
  return {
    ...(reader.head === undefined ? {} : { status: reader.head.status, body }),
    ...(reader.problem === undefined
      ? { complete: reader.complete && rest === 0 && !reader.overrun }
      : { problem: reader.problem.message }),
    reader,
  };
}

const everyByte = (text: string): number[] => Array.from({ length: text.length - 1 }, (_, i) => i + 1);
const someCuts = (text: string): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 8 }).map((cuts) => cuts.sort((a, b) => a - b));

/** The same is found however the bytes are cut. */
function expectFound(text: string, expected: Found): void {
  const { reader: _, ...whole } = read(text, []);
  expect(whole).toEqual(expected);
  const found = (cuts: readonly number[]): Found => {
    const { reader: __, ...rest } = read(text, cuts);
    return rest;
  };
  expect(found(everyByte(text))).toEqual(whole);
  fc.assert(
    fc.property(someCuts(text), (cuts) => {
      expect(found(cuts)).toEqual(whole);
    }),
    { numRuns: 30 },
  );
}

describe('the end of the body', () => {
  test.each<[string, string, string]>([
    ['a length', `${ok}content-length: 3\r\n\r\nabc`, 'abc'],
    ['a length of zero', `${ok}content-length: 0\r\n\r\n`, ''],
    ['a length in odd capitals and white space', `${ok}CONTENT-Length:\t 3 \t\r\n\r\nabc`, 'abc'],
    ['the same length twice', `${ok}content-length: 3\r\ncontent-length: 3\r\n\r\nabc`, 'abc'],
    ['the same length in a list', `${ok}content-length: 3, 3\r\n\r\nabc`, 'abc'],
    ['the end of the connection', `${ok}\r\nabc`, 'abc'],
    ['the end of the connection, with nothing', `${ok}\r\n`, ''],
    ['no transfer-encoding to speak of', `${ok}transfer-encoding: identity\r\n\r\nabc`, 'abc'],
    ['status 204', 'HTTP/1.1 204 No Content\r\ncontent-length: 3\r\n\r\n', ''],
    ['status 304', 'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n', ''],
    ['chunks', `${chunked}1\r\na\r\n2\r\nbc\r\n0\r\n\r\n`, 'abc'],
    ['no chunk but the last', `${chunked}0\r\n\r\n`, ''],
    ['Chunked', `${ok}Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`, 'abc'],
    ['chunked said twice', `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`, 'abc'],
    ['sizes in capitals, with zeros before', `${chunked}A\r\n0123456789\r\n000b\r\n0123456789a\r\n00\r\n\r\n`, '01234567890123456789a'],
    ['extensions', `${chunked}3;a=b;c="d;e\\"f"\r\nabc\r\n0;last\r\n\r\n`, 'abc'],
    ['trailers', `${chunked}3\r\nabc\r\n0\r\nX-A: 1\r\nx-b:\r\n\r\n`, 'abc'],
    ['chunks that look like framing', `${chunked}7\r\n\r\n0\r\n\r\n\r\n5\r\n0\r\n\r\n\r\n0\r\n\r\n`, '\r\n0\r\n\r\n0\r\n\r\n'],
    ['chunks although there is a length', `${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`, 'abc'],
  ])('is told by %s', (_, text, body) => {
    const status = Number(text.slice(9, 12));
    expectFound(text, { status, body, complete: true });
  });

  test.each<[string, string, string]>([
    ['before the length is reached', `${ok}content-length: 4\r\n\r\nabc`, 'abc'],
    ['inside a chunk', `${chunked}4\r\nabc`, 'abc'],
    ['before the last chunk', `${chunked}3\r\nabc\r\n`, 'abc'],
    ['before the last line end', `${chunked}3\r\nabc\r\n0\r\n\r`, 'abc'],
    ['inside the trailers', `${chunked}3\r\nabc\r\n0\r\na: b\r\n`, 'abc'],
  ])('does not come %s', (_, text, body) => {
    expectFound(text, { status: 200, body, complete: false });
  });

  test('a connection that ends within the head has no answer', () => {
    const head = `${ok}content-length: 3\r\n\r\n`;
    for (let end = 1; end < head.length; end++) expectFound(head.slice(0, end) + (end === 1 ? 'T' : ''), { complete: false });
  });
});

describe('no HTTP', () => {
  test.each<[string, string]>([
    ['SSH-2.0-OpenSSH_9.6\r\n', 'first line'],
    ['<html>\r\n\r\n', 'first line'],
    ['\r\nHTTP/1.1 200 OK\r\n\r\n', 'first line'],
    ['http/1.1 200 OK\r\n\r\n', 'first line'],
    ['HTTP/2.0 200 OK\r\n\r\n', 'first line'],
    ['HTTP/1.2 200 OK\r\n\r\n', 'status line'],
    ['HTTP/1.1  200 OK\r\n\r\n', 'status line'],
    ['HTTP/1.1 20 OK\r\n\r\n', 'status line'],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'status line'],
    ['HTTP/1.1 099 OK\r\n\r\n', 'status line'],
    ['HTTP/1.1 200 O\rK\r\n\r\n', 'status line'],
    ['HTTP/1.1 200 OK\n\n', 'status line'],
    [`${ok}a: b\n\r\n`, 'character'],
    [`${ok}a: b\r\n\n`, 'no name'],
    [`${ok}a: b\rc\r\n\r\n`, 'character'],
    [`${ok}a: b\0c\r\n\r\n`, 'character'],
    [`${ok}a: b\x7fc\r\n\r\n`, 'character'],
    [`${ok}a: b\r\n c\r\n\r\n`, 'no name'],
    [`${ok}a: b\r\n\tc\r\n\r\n`, 'no name'],
    [`${ok} a: b\r\n\r\n`, 'no name'],
    [`${ok}: b\r\n\r\n`, 'no name'],
    [`${ok}a : b\r\n\r\n`, 'colon'],
    [`${ok}ab\r\n\r\n`, 'colon'],
    [`${ok}é: b\r\n\r\n`, 'no name'],
    ...['', '+3', '-3', '0x3', '3 3', '3, ', '3,4', '9007199254740992'].map((length): [string, string] => [
      `${ok}content-length: ${length}\r\n\r\nabc`,
      'content-length',
    ]),
    [`${ok}content-length: 3\r\ncontent-length: 4\r\n\r\nabc`, 'content-length'],
    ...['gzip', 'gzip, chunked', 'chunked, gzip', 'chunky'].map((coding): [string, string] => [
      `${ok}transfer-encoding: ${coding}\r\n\r\n0\r\n\r\n`,
      'transfer-encoding',
    ]),
    ['HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n', 'another protocol'],
  ])('%j', (text, message) => {
    const { problem } = read(text, []);
    expect(problem).toContain(message);
    expectFound(text, { problem: problem ?? '' });
  });

  test.each<[string, string, string]>([
    ['no size', '\r\nabc', ''],
    ['no hexadecimal size', 'xyz\r\nabc', ''],
    ['a negative size', '-1\r\nabc', ''],
    ['white space before a size', ' 3\r\nabc', ''],
    ['white space after a size', '3 \r\nabc', ''],
    ['a line feed alone', '3\nabc', ''],
    ['a carriage return alone', '3\rabc', ''],
    ['a size that no number holds', `${'f'.repeat(14)}\r\nabc`, ''],
    ['a size line without end', `1${'0'.repeat(20_000)}`, ''],
    ['a size line of zeros without end', '0'.repeat(20_000), ''],
    ['an extension without end', `3;${'x'.repeat(20_000)}`, ''],
    ['an extension with a control character', '3;a\0\r\nabc', ''],
    ['a chunk that is longer than it says', '3\r\nabcd\r\n', 'abc'],
    ['a line feed alone after a chunk', '3\r\nabc\n', 'abc'],
    ['a control character in the trailers', '3\r\nabc\r\n0\r\na: \0\r\n', 'abc'],
    ['trailers without a colon', '3\r\nabc\r\n0\r\nabc\r\n\r\n', 'abc'],
    ['trailers without a name', '3\r\nabc\r\n0\r\n: a\r\n\r\n', 'abc'],
    ['trailers without end', `3\r\nabc\r\n0\r\n${'a: b\r\n'.repeat(20_000)}`, 'abc'],
    ['a carriage return alone after the last chunk', '3\r\nabc\r\n0\r\n\rx', 'abc'],
  ])('a chunk with %s', (_, text, body) => {
    const { problem } = read(chunked + text, []);
    expect(problem).toBeDefined();
    expectFound(chunked + text, { status: 200, body, problem: problem ?? '' });
  });

  test('is told by its first bytes: a server that waits for a greeting is not waited for', () => {
    const reader = new ResponseReader();
    for (const piece of ['H', 'TT', 'P/1.1 ', 'fine']) reader.push(Buffer.from(piece), piece.length);
    expect(reader.problem).toBeDefined();
  });

  test('a head that does not end', () => {
    const header = `a: ${'x'.repeat(1000)}\r\n`;
    const fitting = `${ok}${header.repeat(65)}\r\n`;
    expect(fitting.length).toBeLessThan(maxHeadBytes);
    expectFound(`${fitting.slice(0, -2)}content-length: 1\r\n\r\nx`, { status: 200, body: 'x', complete: true });
    for (const text of [`${ok}${header.repeat(66)}`, `${ok}${header.repeat(66)}\r\n`, `${ok}${'x'.repeat(70_000)}`])
      expect([read(text, []).problem, read(text, everyByte(text)).problem]).toEqual(
        Array(2).fill(expect.stringContaining('larger than 65536')),
      );
  });
});

describe('interim answers', () => {
  test('are passed over', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\ncontent-length: 7\r\n\r\n';
    expectFound(`${interim}${ok}content-length: 1\r\n\r\nx`, { status: 200, body: 'x', complete: true });
  });
});

describe('headers', () => {
  test('have names in lower case; values trimmed, joined, latin1', () => {
    const { reader } = read(`${ok}X-A: 1\r\nx-a:2\r\nB:\r\nÀ-é: x\r\n\r\n`.replace('À-é', 'c'), []);
    expect({ ...parseHeaderLines(reader.head?.lines ?? '') }).toEqual({ 'x-a': '1, 2', b: '', c: 'x' });
    const { reader: latin1 } = read(`${ok}a:\t \xa0b\xe9 c\x85 \t\r\n\r\n`, []);
    expect({ ...parseHeaderLines(latin1.head?.lines ?? '') }).toEqual({ a: '\xa0b\xe9 c\x85' });
  });

  test('of any number and kind come as they were sent', () => {
    const name = fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,18}$/);
    const value = fc.stringMatching(/^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?)?$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (headers) => {
        const lines = headers.map(([each, text]) => `x-${each}: ${text}\r\n`).join('');
        const { reader, complete } = read(`${ok}${lines}content-length: 0\r\n\r\n`, []);
        const expected: Record<string, string> = { 'content-length': '0' };
        for (const [each, text] of headers) {
          const key = `x-${each}`.toLowerCase();
          expected[key] = expected[key] === undefined ? text : `${expected[key]}, ${text}`;
        }
        expect(complete).toBe(true);
        expect({ ...parseHeaderLines(reader.head?.lines ?? '') }).toEqual(expected);
      }),
    );
  });

  test('named like the properties of every object are headers', () => {
    const { reader } = read(`${ok}__proto__: a\r\nconstructor: b\r\n\r\n`, []);
    expect(Object.entries(parseHeaderLines(reader.head?.lines ?? ''))).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});

describe('the connection', () => {
  test.each<[string, string, boolean, number | undefined]>([
    ['HTTP/1.1', `${ok}content-length: 0\r\n\r\n`, true, undefined],
    ['HTTP/1.1 with close', `${ok}connection: close\r\ncontent-length: 0\r\n\r\n`, false, undefined],
    ['HTTP/1.1 with Close in a list', `${ok}Connection: X-Y, Close\r\ncontent-length: 0\r\n\r\n`, false, undefined],
    ['HTTP/1.1 with close in a second header', `${ok}connection: x-y\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, false, undefined],
    ['HTTP/1.1 with something else', `${ok}connection: closed\r\ncontent-length: 0\r\n\r\n`, true, undefined],
    ['HTTP/1.1 without a length', `${ok}\r\n`, false, undefined],
    ['HTTP/1.1 with a length and chunks', `${ok}content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, false, undefined],
    ['HTTP/1.1 without a body', 'HTTP/1.1 204 No\r\n\r\n', true, undefined],
    ['HTTP/1.1 with a time', `${ok}keep-alive: timeout=5, max=100\r\ncontent-length: 0\r\n\r\n`, true, 5000],
    ['HTTP/1.1 with a time last', `${ok}Keep-Alive: max=100, Timeout=72\r\ncontent-length: 0\r\n\r\n`, true, 72_000],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', false, undefined],
    ['HTTP/1.0 with keep-alive', 'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 0\r\n\r\n', true, undefined],
    ['HTTP/1.0 with both', 'HTTP/1.0 200 OK\r\nconnection: keep-alive, close\r\ncontent-length: 0\r\n\r\n', false, undefined],
    ['HTTP/1.0 with chunks', 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', false, undefined],
  ])('can be used again: %s', (_, text, keepAlive, keepAliveMs) => {
    for (const cuts of [[], everyByte(text)]) expect(read(text, cuts).reader.head).toMatchObject({ keepAlive, keepAliveMs });
  });

  test('carries one answer after the other', () => {
    const answers = [
      `${chunked}3\r\nabc\r\n0\r\n\r\n`,
      `${ok}content-length: 3\r\n\r\ndef`,
      'HTTP/1.1 204 No\r\n\r\n',
      `${chunked}0\r\n\r\n`,
    ];
    for (const cutsOf of [(): number[] => [], everyByte]) {
      const reader = new ResponseReader();
      const bodies = answers.map((text) => {
        reader.reset();
        return read(text, cutsOf(text), reader).body;
      });
      expect(bodies).toEqual(['abc', 'def', '', '']);
    }
  });

  test.each([`${ok}content-length: 1\r\n\r\nxHTTP/1.1`, `${chunked}0\r\n\r\n\r\n`, 'HTTP/1.1 204 No\r\n\r\nx'])(
    'has more than the answer: %j',
    (text) => {
      expect(read(text, []).reader).toMatchObject({ complete: true, overrun: true });
    },
  );
});
