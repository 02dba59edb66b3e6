import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LmdeckError } from '../core/index.ts';
import { SseDecoder, sseEvents, type ServerSentEvent, type SseDecoderOptions } from './sse-decoder.ts';

/** Decodes `bytes` cut at these offsets. */
function decode(bytes: Uint8Array, cuts: readonly number[] = [], options: SseDecoderOptions = {}) {
  const decoder = new SseDecoder(options);
  const events: ServerSentEvent[] = [];
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    events.push(...decoder.push(bytes.subarray(start, end)));
    start = end;
  }
  decoder.end();
  return { events, retryMs: decoder.retryMs };
}

interface Case {
  readonly name: string;
  readonly stream: string;
  readonly events: readonly ServerSentEvent[];
  readonly retryMs?: number;
  readonly comments?: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'nothing', stream: '', events: [] },
  {
    name: 'the usual shape',
    stream: 'data: {"a":1}\n\ndata: {"a":2}\n\ndata: [DONE]\n\n',
    events: [{ data: '{"a":1}' }, { data: '{"a":2}' }, { data: '[DONE]' }],
  },
  { name: 'LF', stream: 'data: a\n\n', events: [{ data: 'a' }] },
  { name: 'CR', stream: 'data: a\r\rdata: b\r\r', events: [{ data: 'a' }, { data: 'b' }] },
  { name: 'CRLF', stream: 'data: a\r\ndata: b\r\n\r\n', events: [{ data: 'a\nb' }] },
  { name: 'CRLF, then LF', stream: 'data: a\r\n\ndata: b\n\r\n', events: [{ data: 'a' }, { data: 'b' }] },
  { name: 'LF, then CR', stream: 'data: a\n\rdata: b\r\n\r', events: [{ data: 'a' }, { data: 'b' }] },
  { name: 'CR, then CRLF', stream: 'data: a\r\r\ndata: b\r\r\n', events: [{ data: 'a' }, { data: 'b' }] },
  { name: 'a single CR before many LF', stream: ':x\rdata: a\n\ndata: b\n\n', events: [{ data: 'a' }, { data: 'b' }] },
  { name: 'a byte order mark at the start', stream: '\uFEFFdata: a\n\n', events: [{ data: 'a' }] },
  { name: 'only one byte order mark', stream: '\uFEFF\uFEFFdata: a\n\ndata: b\n\n', events: [{ data: 'b' }] },
  { name: 'a byte order mark in the middle', stream: 'data: a\n\n\uFEFFdata: b\n\n', events: [{ data: 'a' }] },
  { name: 'a byte order mark inside data', stream: 'data: \uFEFFa\n\n', events: [{ data: '\uFEFFa' }] },
  { name: 'one leading space', stream: 'data:a\n\ndata:  b\n\ndata:\tc\n\n', events: [{ data: 'a' }, { data: ' b' }, { data: '\tc' }] },
  {
    name: 'empty data',
    stream: 'data:\n\ndata\n\ndata\ndata\n\ndata: \n\n',
    events: [{ data: '' }, { data: '' }, { data: '\n' }, { data: '' }],
  },
  { name: 'lines of data', stream: 'data: {\ndata\ndata: "a"\ndata:\ndata: }\n\n', events: [{ data: '{\n\n"a"\n\n}' }] },
  { name: 'no data', stream: 'event: ping\n\nid: 7\n\n\n\ndata: a\n\n', events: [{ data: 'a', id: '7' }] },
  { name: 'a type', stream: 'event: ping\ndata: a\n\ndata: b\n\n', events: [{ data: 'a', event: 'ping' }, { data: 'b' }] },
  {
    name: 'the last type',
    stream: 'event: a\nevent: b\ndata: x\n\nevent: c\nevent\ndata: y\n\n',
    events: [{ data: 'x', event: 'b' }, { data: 'y' }],
  },
  {
    name: 'an id stays',
    stream: 'id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n',
    events: [{ data: 'a', id: '1' }, { data: 'b', id: '1' }, { data: 'c' }],
  },
  {
    name: 'an id with NUL is ignored',
    stream: 'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
    events: [
      { data: 'a', id: '1' },
      { data: 'b', id: '1' },
    ],
  },
  { name: 'NUL in data', stream: 'data: \0\n\n', events: [{ data: '\0' }] },
  { name: 'retry', stream: 'retry: 1500\n\nretry: 2s\nretry: -1\nretry:\nretry: 1e3\ndata: a\n\n', events: [{ data: 'a' }], retryMs: 1500 },
  {
    name: 'comments',
    stream: ':\n: hi\n:  a:b\ndata: a\n:data: no\n\n',
    events: [{ data: 'a' }],
    comments: ['', 'hi', ' a:b', 'data: no'],
  },
  { name: 'unknown fields', stream: 'Data: a\n data: b\ndatum: c\ndata : d\nfoo\ndata: e\n\n', events: [{ data: 'e' }] },
  { name: 'an unfinished block', stream: 'data: a\n\ndata: b\n', events: [{ data: 'a' }] },
  { name: 'an unfinished line', stream: 'data: a\n\ndata: b', events: [{ data: 'a' }] },
  { name: 'a JSON error instead of a stream', stream: '{"error":{"message":"no"}}', events: [] },
  {
    name: 'what other programs take for line ends',
    stream: 'data: a\u2028b\u2029c\u0085d\ve\ff\n\n',
    events: [{ data: 'a\u2028b\u2029c\u0085d\ve\ff' }],
  },
  {
    name: 'characters of two to four bytes',
    stream: 'data: é – 𝕏 👩‍👩‍👧\n\nevent: ✔\ndata: ß\n\n',
    events: [{ data: 'é – 𝕏 👩‍👩‍👧' }, { data: 'ß', event: '✔' }],
  },
];

describe('SseDecoder', () => {
  test.each(cases)('$name, at every split', ({ stream, events, retryMs, comments }) => {
    const bytes = Buffer.from(stream);
    const offsets = Array.from({ length: Math.max(0, bytes.length - 1) }, (_, i) => i + 1);
    for (const cuts of [[], offsets, ...offsets.map((one) => [one])]) {
      const seen: string[] = [];
      const result = decode(bytes, cuts, { onComment: (comment) => seen.push(comment) });
      expect(result, `cut at ${cuts.join(', ')}`).toEqual({ events, retryMs });
      if (comments !== undefined) expect(seen).toEqual(comments);
    }
  });

  test('a CR ends its line without waiting for the next read', () => {
    const decoder = new SseDecoder();
    expect(decoder.push(Buffer.from('data: a\r\r'))).toEqual([{ data: 'a' }]);
    expect(decoder.push(Buffer.from('\ndata: b\r'))).toEqual([]);
    expect(decoder.push(Buffer.from('\n\r'))).toEqual([{ data: 'b' }]);
    expect(decoder.push(Buffer.from('\n'))).toEqual([]);
    expect(decoder.push(Buffer.from('data: c\n\n'))).toEqual([{ data: 'c' }]);
  });

  test('the bytes may be reused after push', () => {
    const decoder = new SseDecoder();
    const bytes = new TextEncoder().encode('data: a');
    decoder.push(bytes);
    bytes.fill(0);
    expect(decoder.push(Buffer.from('\n\n'))).toEqual([{ data: 'a' }]);
  });

  test('bytes that are no UTF-8 become replacement characters', () => {
    expect(decode(Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x61, 0x0a, 0x0a]), [6]).events).toEqual([{ data: '\uFFFDa' }]);
  });

  test('a plain Uint8Array inside a larger buffer is read at its own place', () => {
    const whole = new TextEncoder().encode('xxxxdata: a\n\nyyyy');
    expect(decode(whole.subarray(4, 13)).events).toEqual([{ data: 'a' }]);
  });

  test('ten thousand lines of data are one event', () => {
    const bytes = Buffer.from(`${'data: x\n'.repeat(10_000)}\n`);
    const cuts = Array.from({ length: 70 }, (_, i) => (i + 1) * 1_000);
    expect(decode(bytes, cuts).events).toEqual([{ data: `${'x\n'.repeat(9_999)}x` }]);
  });

  test('a line of 2 MB in single bytes', () => {
    const text = 'ab'.repeat(1_000_000);
    const decoder = new SseDecoder();
    const bytes = Buffer.from(`data: ${text}\n\n`);
    const events: ServerSentEvent[] = [];
    for (let i = 0; i < bytes.length; i++) events.push(...decoder.push(bytes.subarray(i, i + 1)));
    expect(events).toHaveLength(1);
    expect(events[0]?.data === text).toBe(true);
  });

  test.each([
    ['a line without end', 'x'.repeat(101)],
    ['a line without end, in pieces', 'y'.repeat(101), 50],
    ['one line of data', `data: ${'x'.repeat(101)}\n`],
    ['many lines of data', 'data: xxxxxxxxx\n'.repeat(11)],
  ])('gives up on an event that is too large: %s', (_, stream, cut = 1) => {
    expect(() => decode(Buffer.from(stream), [cut], { maxEventBytes: 100 })).toThrow(
      expect.objectContaining({ code: 'invalid-response', message: expect.stringContaining('maxEventBytes') }),
    );
  });

  test('takes events up to the limit, any number of them', () => {
    const stream = `data: ${'x'.repeat(94)}\n\n`.repeat(20);
    expect(decode(Buffer.from(stream), [1, 90, 500], { maxEventBytes: 100 }).events).toHaveLength(20);
  });

  test('what is encoded is decoded, whatever the line ends and the splits', () => {
    // Values of a line: no line ends; an id without NUL.
    const line = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n\uFEFF]/g, ''));
    const event = fc.record(
      { data: fc.array(line, { minLength: 1, maxLength: 4 }), event: line, id: line.map((text) => text.replaceAll('\0', '')) },
      { requiredKeys: ['data'] },
    );
    const ends = fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(event), ends, fc.array(fc.nat(), { maxLength: 12 }), (list, ends, seeds) => {
        let text = '';
        let lines = 0;
        const put = (content: string): void => {
          let end = ends[lines++ % ends.length] ?? '\n';
          // A LF behind a CR would not end a second line but belong to the first.
          if (content === '' && end === '\n' && text.endsWith('\r')) end = '\r';
          text += content + end;
        };
        let id = '';
        const expected = list.map((item) => {
          if (item.event !== undefined) put(`event: ${item.event}`);
          if (item.id !== undefined) put(`id: ${(id = item.id)}`);
          for (const each of item.data) put(`data: ${each}`);
          put('');
          return { data: item.data.join('\n'), ...(item.event ? { event: item.event } : {}), ...(id === '' ? {} : { id }) };
        });
        const bytes = Buffer.from(text);
        const cuts = seeds.map((seed) => seed % (bytes.length + 1)).sort((a, b) => a - b);
        // Lone surrogates are encoded as replacement characters.
        expect(decode(bytes, cuts).events).toEqual(
          JSON.parse(JSON.stringify(expected), (_, value) => (typeof value === 'string' ? value.toWellFormed() : value)),
        );
      }),
    );
  });
});

describe('sseEvents', () => {
  test('yields one batch per read that completed events', async () => {
    const batches = [];
    for await (const batch of sseEvents(bodyOf('data: a\n', '\ndata: b\n\n', 'data: ', 'c\n\n', 'data: d'))) batches.push(batch);
    expect(batches).toEqual([[{ data: 'a' }, { data: 'b' }], [{ data: 'c' }]]);
  });

  test('closes the body when the reader leaves, and when an event is too large', async () => {
    let closed = 0;
    async function* body() {
      try {
        for (;;) yield Buffer.from('data: 12345\n\n');
      } finally {
        closed += 1;
      }
    }
    for await (const batch of sseEvents(body())) {
      expect(batch).toEqual([{ data: '12345' }]);
      break;
    }
    expect(closed).toBe(1);
    const failing = async () => {
      for await (const _ of sseEvents(body(), { maxEventBytes: 4 }));
    };
    await expect(failing()).rejects.toMatchObject({ code: 'invalid-response' });
    expect(closed).toBe(2);
  });

  test('passes on what the body throws, after the events before it', async () => {
    async function* body() {
      yield Buffer.from('data: a\n\ndata: b');
      throw new LmdeckError('incomplete-response', 'cut');
    }
    const seen: unknown[] = [];
    const reading = async () => {
      for await (const batch of sseEvents(body())) seen.push(...batch);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'incomplete-response' });
    expect(seen).toEqual([{ data: 'a' }]);
  });
});

async function* bodyOf(...pieces: readonly string[]) {
  for (const piece of pieces) yield Buffer.from(piece);
}
