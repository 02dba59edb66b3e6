import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as yaml from 'yaml';
import { assistant, type CallEnd, createRequest, type Message, type ModelRequest, raw, system, toolResult, user } from '../core/index.ts';
import { end as anyEnd, request as anyRequest } from '../tape/test-support/arbitraries.ts';
import { AttachmentFiles } from './attachment-files.ts';
import type { FixtureCall } from './fixture-call.ts';
import { decodeFixture } from './fixture-decoder.ts';
import { encodeFixture } from './fixture-encoder.ts';
import { readFixture, writeFixture } from './fixture-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lmdeck-fixture-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function callOf(request: ModelRequest, end: Pick<CallEnd, 'status' | 'samples'> & Partial<CallEnd>): FixtureCall {
  const { status, samples, error, usage, resolvedModel, chunks, durationMs } = end;
  return {
    model: 'test/model',
    request,
    status,
    samples,
    ...(status === 'error' && error !== undefined ? { error } : {}),
    ...(usage === undefined ? {} : { usage }),
    ...(resolvedModel === undefined ? {} : { resolvedModel }),
    ...(chunks === undefined ? {} : { chunks }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

/** A call that has something to replay: an answer, an error, or a reader who left. */
const anyCall = fc
  .tuple(anyRequest, anyEnd, fc.boolean())
  .filter(([, { status, error }]) => status === 'ok' || status === 'aborted' || (status === 'error' && error !== undefined))
  .map(([request, end, elsewhere]): FixtureCall => ({
    ...callOf(request, end),
    ...(elsewhere ? { endpoint: 'http://127.0.0.1/v1', revision: '7' } : {}),
  }));

/** What breaks careless writing and reading. */
const nasty = fc.oneof(
  fc.constantFrom(
    'true', 'null', '~', '1e3', '-0', '0x10', '.nan', '2026-01-01', '- a', 'a: b', 'a #b', '&a', '*a', '!a', '|', '>', '%a', '@a', '`a', '"', "'", '{a}', '[a]',
    '? a', ': a', '---', '...', '<<', '=', ' leading', 'trailing ', '\ttab', 'tab\t', '\n', '\n\n', ' \n ', 'a\n', '\na', 'a\n\n', ' a\nb', 'a\n b', 'a \nb', 'a\n \nb', '# a\nb',
    '--- a\nb', '...\nb', 'a\r\nb', 'a\rb', '\r', 'a\u0085b\nc', 'a\u2028b\nc', '\uFEFFa\nb', '\u0000', '\u001B[31m\nb', '😀\n👨‍👩‍👧', '\u00A0\nx', '\u200B\nx', '\uFFFD\nx',
    'x'.repeat(200), `${'x'.repeat(200)} `, ` ${'x'.repeat(200)}`, `${'word '.repeat(60)}\n${'word '.repeat(60)}`, '\t\n\t', 'a\n\t', 'key: |\n  text',
  ),
  fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', '\r', ':', '#', '-', '"', "'", '|', '😀', 'é', '\u2028'), maxLength: 30 }),
); // prettier-ignore

function roundTrip(calls: readonly FixtureCall[], title?: string): FixtureCall[] {
  const files = new AttachmentFiles();
  const text = encodeFixture(yaml, { title, calls }, files);
  const read = decodeFixture(yaml, { path: 'x.yaml', text, attachment: (name) => files.contents.get(name) });
  expect(read.title).toBe(title);
  // The same calls give the same text, also after they were read.
  expect(encodeFixture(yaml, read, new AttachmentFiles())).toBe(text);
  return [...read.calls];
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('what is written is read again', () => {
  test('everything that a call has', () => {
    fc.assert(
      fc.property(fc.array(anyCall, { minLength: 1, maxLength: 4 }), (calls) => {
        expect(plain(roundTrip(calls))).toEqual(plain(calls));
      }),
      { numRuns: 100 },
    );
  });

  test('texts of every kind, wherever they stand', () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, (a, b, c) => {
        const request = createRequest({
          messages: [
            system(a),
            user(b),
            { role: 'assistant', parts: [{ type: 'tool-call', id: c, name: a, arguments: b }], name: c },
            toolResult(a, c),
          ],
          options: { stop: [a, b], text: c },
          tools: [{ name: 'x', description: a, parameters: { [`k${b}`]: c } }],
        });
        const samples = [
          {
            message: { role: 'assistant' as const, parts: [{ type: 'text' as const, text: b }], providerMetadata: { p: { [`m${c}`]: a } } },
          },
        ];
        const call = callOf(request, { status: 'ok', samples, resolvedModel: c });
        expect(plain(roundTrip([call], `title ${a}`))).toEqual(plain([call]));
        const failed = callOf(request, {
          status: 'error',
          samples: [],
          error: { code: 'server', message: a, retryable: true, data: { text: b } },
        });
        expect(plain(roundTrip([failed]))).toEqual(plain([failed]));
      }),
      { numRuns: 200 },
    );
  });

  test('calls that continue each other, and what they share', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(nasty, nasty, fc.nat(3)), { minLength: 2, maxLength: 6 }), (turns) => {
        const calls: FixtureCall[] = [];
        for (const [asked, answer, from] of turns) {
          const base = calls.at(-1 - from);
          const before: readonly Message[] =
            base === undefined
              ? [system('A long text that all have. '.repeat(8))]
              : [...base.request.messages, base.samples[0]?.message ?? user('')];
          const request = createRequest({
            messages: [...before, user(asked)],
            schema: { description: 'A long text that all have. '.repeat(8) },
          });
          calls.push(callOf(request, { status: 'ok', samples: [{ message: assistant(answer), finish: { reason: 'stop' } }] }));
        }
        expect(plain(roundTrip(calls))).toEqual(plain(calls));
      }),
      { numRuns: 60 },
    );
  });

  test('the kinds of answers, one by one', () => {
    const request = createRequest({ messages: [raw([1, 2, 3])], continuation: [4, 5] });
    const finish = { reason: 'stop' as const, raw: 'stop' };
    const calls: FixtureCall[] = [
      callOf(request, { status: 'ok', samples: [{ message: { role: 'assistant', parts: [] }, finish }] }),
      callOf(request, { status: 'ok', samples: [{ message: assistant(''), finish: { reason: 'other', raw: 'é' } }] }),
      callOf(request, { status: 'ok', samples: [{ message: assistant('a') }, { message: assistant('b'), finish }] }),
      callOf(request, {
        status: 'ok',
        samples: [
          {
            message: assistant(' Paris'),
            logprobs: [
              { token: ' Paris', logprob: -0.25, bytes: [32, 80], tokenId: 7, isGreedy: true, top: [{ token: ' Rome', logprob: -3 }] },
            ],
          },
        ],
      }),
      callOf(request, { status: 'aborted', samples: [] }),
      callOf(request, { status: 'aborted', samples: [{ message: assistant('Hal') }], chunks: 't1t2' }),
      callOf(request, {
        status: 'error',
        samples: [{ message: assistant('Hal') }],
        error: { code: 'rate-limit', message: 'slow down', retryable: true, status: 429, retryAfterMs: 10 },
      }),
    ];
    expect(plain(roundTrip(calls))).toEqual(plain(calls));
  });
});

test('a file reads like the conversation', () => {
  const prompt =
    'You are a guide. Answer in one word.\nNever use capitals, whatever the question may be, and leave out the full stop at the end of the answer.';
  const first = createRequest({ messages: [system(prompt), user('Capital of France?')], options: { temperature: 0 } });
  const second = createRequest({ messages: [...first.messages, assistant('paris'), user('And of Italy?')], options: { temperature: 0 } });
  const other = createRequest({ messages: [system(prompt), user('Capital of Spain?')], options: { temperature: 0 } });
  const answer = (text: string): Pick<CallEnd, 'status' | 'samples'> & Partial<CallEnd> => ({
    status: 'ok',
    samples: [{ message: assistant(text), finish: { reason: 'stop', raw: 'stop' } }],
    usage: { inputTokens: 30, outputTokens: 1 },
  });
  const calls = [
    callOf(first, answer('paris')),
    callOf(second, answer('rome\n\nthe eternal city')),
    callOf(other, { ...answer('madrid'), chunks: 't3t3' }),
  ];
  expect(encodeFixture(yaml, { title: 'guide > knows capitals', calls }, new AttachmentFiles()))
    .toBe(`# Calls of language models as they were recorded; tests replay them (lmdeck/testing). Made by a program, meant to be read and
# reviewed, and answers may be edited. To record the calls anew, run the test with LMDECK_RECORD=all.

lmdeck: 1
test: guide > knows capitals
calls:
  - model: test/model
    options: { temperature: 0 }
    messages:
      - system: &system1 |-
          You are a guide. Answer in one word.
          Never use capitals, whatever the question may be, and leave out the full stop at the end of the answer.
      - user: Capital of France?
    answer: paris
    finish: stop
    usage: { inputTokens: 30, outputTokens: 1 }

  - model: test/model
    options: { temperature: 0 }
    continues: -1
    messages:
      - user: And of Italy?
    answer: |-
      rome

      the eternal city
    finish: stop
    usage: { inputTokens: 30, outputTokens: 1 }

  - model: test/model
    options: { temperature: 0 }
    messages:
      - system: *system1
      - user: Capital of Spain?
    answer: madrid
    finish: stop
    usage: { inputTokens: 30, outputTokens: 1 }
    chunks: t3t3
`);
});

test('an answer that was edited by hand is part of the calls that continue it', () => {
  const first = createRequest({ messages: [user('Hi')] });
  const second = createRequest({ messages: [...first.messages, assistant('Hello'), user('And now?')] });
  const calls = [first, second].map((request) => callOf(request, { status: 'ok', samples: [{ message: assistant('Hello') }] }));
  const text = encodeFixture(yaml, { calls }, new AttachmentFiles()).replace('answer: Hello', 'answer: Good day');
  const read = decodeFixture(yaml, { path: 'x.yaml', text, attachment: () => undefined });
  expect(read.calls[1]?.request.messages[1]).toEqual(assistant('Good day'));
});

describe('attachments', () => {
  const image = (byte: string): string => Buffer.alloc(3000, byte).toString('base64');
  const asked = (data: string): FixtureCall =>
    callOf(createRequest({ messages: [user('What is it?', [{ type: 'attachment', mediaType: 'image/png', data, name: 'a.png' }])] }), {
      status: 'ok',
      samples: [{ message: assistant('A picture') }],
    });

  test('large ones are files beside it, once each, and go when they are no longer used', () => {
    const path = join(folder, 'sub', 'x.yaml');
    writeFixture(yaml, path, { calls: [asked(image('a')), asked(image('a')), asked(image('b')), asked('QUJD')] });
    const files = readdirSync(join(folder, 'sub/x.files'));
    expect(files).toHaveLength(2);
    expect(readFileSync(join(folder, 'sub/x.files', files[0] ?? '')).length).toBe(3000);
    expect(readFileSync(path, 'utf8')).toContain('data: QUJD');
    expect(plain(readFixture(yaml, path)?.calls)).toEqual(plain([asked(image('a')), asked(image('a')), asked(image('b')), asked('QUJD')]));

    writeFixture(yaml, path, { calls: [asked(image('b'))] });
    expect(readdirSync(join(folder, 'sub/x.files'))).toHaveLength(1);
    writeFixture(yaml, path, { calls: [asked('QUJD')] });
    expect(readdirSync(join(folder, 'sub'))).toEqual(['x.yaml']);
  });

  test('a file that is missing, or a name that leads elsewhere', () => {
    const path = join(folder, 'x.yaml');
    writeFixture(yaml, path, { calls: [asked(image('a'))] });
    const text = readFileSync(path, 'utf8');
    rmSync(join(folder, 'x.files'), { recursive: true });
    expect(() => readFixture(yaml, path)).toThrow(/x\.yaml:10: "file" must be a file that is there: [0-9a-f]{16}\.png is missing/);
    writeFileSync(path, text.replace(/file: [^ ]*/, 'file: ../../etc/passwd'));
    expect(() => readFixture(yaml, path)).toThrow('"file" must be the name of a file beside the fixture');
  });
});

describe('a mistake is told with its line', () => {
  const read = (text: string) => () => decodeFixture(yaml, { path: 'x.yaml', text, attachment: () => undefined });
  const call = (lines: string): string => `lmdeck: 1\ncalls:\n  - model: m\n    messages:\n      - user: Hi\n${lines}`;

  test.each([
    ['not YAML', 'lmdeck: 1\ncalls: [', 'x.yaml:2: '],
    ['something else', 'name: x\n', 'x.yaml:1: "lmdeck" must be 1, in the first line of a fixture.'],
    ['a newer one', 'lmdeck: 2\ncalls: []\n', 'x.yaml:1: "lmdeck" must be 1: the file was written by a newer lmdeck.'],
    ['an unknown key', call('    answr: x\n'), 'x.yaml:6: unknown key "answr". Did you mean answer'],
    ['no answer', call(''), 'x.yaml:3: entry 1 of "calls" must be a call with an answer, answers, or an error.'],
    ['a wrong type', call('    answer: x\n    finish: ended\n'), 'x.yaml:7: "finish" must be an object'],
    ['a wrong reason', call('    answer: x\n    finish: { reason: ended }\n'), 'x.yaml:7: "reason" must be one of stop, length'],
    [
      'a number for a text',
      'lmdeck: 1\ncalls:\n  - model: 4\n    messages: []\n    answer: x\n',
      'x.yaml:3: "model" must be a text (put it in quotes',
    ],
    [
      'no role',
      'lmdeck: 1\ncalls:\n  - model: m\n    messages:\n      - name: Hi\n    answer: x\n',
      'x.yaml:5: entry 1 of "messages" must be one message with a role',
    ],
    [
      'nothing to continue',
      'lmdeck: 1\ncalls:\n  - model: m\n    continues: -1\n    answer: x\n',
      'x.yaml:4: "continues" must be a negative number',
    ],
    ['an unknown part', call('    answer: [{ type: image }]\n'), 'x.yaml:6: "type" must be text, reasoning'],
  ])('%s', (_name, text, message) => {
    expect(read(text)).toThrow(message);
    expect(read(text)).toThrow(expect.objectContaining({ code: 'config' }));
  });
});
