import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LmdeckError, MessageAssembler, messageText, type ModelEvent } from '../../core/index.ts';
import { AnswerDecoder } from './answer-decoder.ts';

const settings = { endpoint: 'here', turn: 0, reasoningField: undefined };
const encoder = new TextEncoder();

/** What a body decodes to when it is fed in pieces of these sizes. */
function decode(body: string, sizes: () => number = () => Number.MAX_SAFE_INTEGER) {
  const decoder = new AnswerDecoder(settings);
  const events: ModelEvent[] = [];
  const bytes = encoder.encode(body);
  let error: LmdeckError | undefined;
  try {
    for (let start = 0; start < bytes.length;) {
      const size = sizes();
      decoder.push(bytes.slice(start, start + size), events);
      start += size;
    }
    decoder.end(events);
  } catch (thrown) {
    error = LmdeckError.from(thrown);
    decoder.breakOff(events);
  }
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  const [sample] = assembler.samples();
  return { text: sample === undefined ? '' : messageText(sample.message), finish: sample?.finish, usage: assembler.usage, error, events };
}

function chunk(content: string, finish?: string): string {
  const choice = { index: 0, delta: { content }, finish_reason: finish ?? null };
  return `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [choice] })}\n\n`;
}

const done = 'data: [DONE]\n\n';

describe('the end of a stream', () => {
  test('is [DONE], and nothing after it counts', () => {
    const late = 'event: error\ndata: {"error":{"message":"too late"}}\n\ndata: [DONE]x\n\n';
    const { text, error } = decode(chunk('Hi', 'stop') + done + late + chunk('more'));
    expect([text, error]).toEqual(['Hi', undefined]);
  });

  test.each(['data: [DONE]\r\n\r\n', 'data:[DONE]\n\n', 'data: [DONE]\r\r'])('%j ends it', (end) => {
    expect(decode(chunk('Hi') + end).error).toBeUndefined();
  });

  test.each(['data: [DONE]malicious\n\n', 'data: [DONE]\ndata: {"a":1}\n\n'])('%j is malformed', (end) => {
    const { text, error } = decode(chunk('Hi') + end);
    expect(text).toBe('Hi');
    expect(error).toMatchObject({ code: 'invalid-response', message: expect.stringContaining('event 2') });
  });

  test('may lack [DONE] when every sample has its reason, or the usage came last', () => {
    expect(decode(chunk('Hi', 'stop')).error).toBeUndefined();
    expect(decode(`${chunk('Hi')}data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n`).error).toBeUndefined();
    expect(decode(`${chunk('Hi', 'stop')}data: [DONE]`).error).toBeUndefined();
  });

  test('that comes too early is an error that keeps what came', () => {
    const { text, error, finish } = decode(chunk('Hi') + chunk(' there'));
    expect(text).toBe('Hi there');
    expect(finish).toBeUndefined();
    expect(error).toMatchObject({ code: 'incomplete-response', retryable: true, message: expect.stringContaining('2 events') });
  });

  test('is not told by usage that comes with every chunk', () => {
    const cumulative = (text: string): string => `data: {"choices":[{"delta":{"content":"${text}"}}],"usage":{"completion_tokens":1}}\n\n`;
    expect(decode(cumulative('a') + cumulative('b')).error).toMatchObject({ code: 'incomplete-response' });
  });

  test('without any answer is an error', () => {
    const noChoice = 'data: {"id":"c","choices":[],"usage":{"prompt_tokens":1}}\n\n';
    for (const body of ['', '\n\n', ': waiting\n\n', 'data: {"cho', done, noChoice, noChoice + done])
      expect(decode(body).error).toMatchObject({ code: 'incomplete-response' });
  });
});

describe('events that are no chunks', () => {
  test('malformed JSON is named by its number and shown', () => {
    const { text, error } = decode(`${chunk('Hi')}data: {unparsable}\n\n${done}`);
    expect(text).toBe('Hi');
    expect(error).toMatchObject({
      code: 'invalid-response',
      retryable: false,
      message: 'here: event 2 of the stream is not a JSON object: "{unparsable}"',
    });
  });

  test('a NaN is told, and where it stands', () => {
    const logprobs = '{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":NaN}]}}]}';
    expect(decode(`${chunk('Hi')}data: ${logprobs}\n\n${done}`).error).toMatchObject({
      code: 'invalid-response',
      message: expect.stringMatching(/^here: event 2 of the stream has NaN \(….*"logprob":NaN\), which is no JSON/),
    });
  });

  test.each(['null', '42', '"x"', '[]'])('%s is malformed', (data) => {
    expect(decode(`data: ${data}\n\n${done}`).error).toMatchObject({ code: 'invalid-response' });
  });

  test.each([
    ['{"message":"slow down","code":429}', 'here: slow down', 'rate-limit'],
    ['{"error":{"message":"broken"}}', 'here: broken', 'server'],
    ['null', 'null', 'server'],
    ['42', '42', 'server'],
    ['"gone"', 'here: gone', 'server'],
    ['not json', 'here: not json', 'server'],
    ['[DONE]', 'here: [DONE]', 'server'],
  ])('event: error with %s', (data, message, code) => {
    const { text, error } = decode(`${chunk('Hi')}event: error\ndata: ${data}\n\n${done}`);
    expect(text).toBe('Hi');
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('a key that the server quotes inside the stream does not travel on', () => {
    const { error } = decode(
      `${chunk('Hi')}data: {"error":{"message":"Incorrect API key provided: sk-abcdefghijklmnop123456"}}\n\n${done}`,
    );
    expect(error?.message).toContain('Incorrect API key provided: sk-…');
    expect(error?.message).not.toContain('abcdefghijklmnop');
  });

  test('comments, empty events and events of other kinds change nothing', () => {
    const others = ': keep-alive\n\ndata:\n\nevent: ping\ndata: now\n\nevent: ping\ndata: {}\n\nretry: 10\n\n';
    const { text, error } = decode(others + chunk('Hi', 'stop') + others + done);
    expect([text, error]).toEqual(['Hi', undefined]);
  });
});

describe('bodies that are no event stream', () => {
  test('a whole answer', () => {
    const body = JSON.stringify({
      id: 'c',
      model: 'm',
      choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 2 },
    });
    for (const text of [body, `\n  ${body}\n`, `\ufeff${body}`]) {
      expect(decode(text)).toMatchObject({ text: 'Hi', finish: { reason: 'stop' }, usage: { inputTokens: 2 }, error: undefined });
    }
  });

  test.each([
    ['{"error":{"message":"no such model","code":"model_not_found"}}', { code: 'not-found', message: 'here: no such model' }],
    ['{"error":"Internal Server Error","message":"Try later"}', { code: 'server', message: 'here: Try later' }],
    ['{"detail":"Not Found"}', { code: 'server', message: 'here: Not Found' }],
    ['{"choices":[]}', { code: 'invalid-response' }],
    ['[1]', { code: 'invalid-response' }],
    ['{"choices":[{"message":{"content":"Hi', { code: 'incomplete-response' }],
    [
      '<!doctype html><html><head><title>Sign\n in</title>',
      { code: 'invalid-response', message: expect.stringContaining('a web page titled "Sign in"') },
    ],
    ['upstream connect error', { code: 'invalid-response', message: expect.stringContaining('"upstream connect error"') }],
  ])('%s', (body, expected) => {
    expect(decode(body).error).toMatchObject(expected);
    expect(decode(body, () => 1).error).toMatchObject(expected);
  });
});

test('the split of the bytes never matters', () => {
  const bodies = [
    chunk('Grüße, 👩‍👩‍👧 \u2028') + chunk('𝕏', 'stop') + done,
    ` ${chunk('lost')}${chunk('Hi')}${done}`.replaceAll('\n', '\r\n'),
    `\ufeff${chunk('Hi')}${done}`,
    `${chunk('Hi')}data: {oops\n\n`,
    `${chunk('Hi')}event: error\ndata: {"code":500}\n\n`,
    chunk('cut off'),
    '{"choices":[{"message":{"content":"Grüße"},"finish_reason":"stop"}]}',
    '<html><title>Bad Gateway</title></html>',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...bodies), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (body, sizes) => {
      expect(decode(body, () => sizes.next().value ?? 1)).toEqual(decode(body));
    }),
    { numRuns: 300 },
  );
});
