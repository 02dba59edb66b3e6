import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistant, createRequest, user, type JsonObject } from '../../core/index.ts';
import { decodeAnswer } from '../decode-answer.ts';
import { encodeGeminiRequest } from './encode-gemini-request.ts';
import { contentStream, sse, type Cut } from './test-support/content-stream.ts';

const usageMetadata = {
  promptTokenCount: 9,
  candidatesTokenCount: 28,
  thoughtsTokenCount: 244,
  cachedContentTokenCount: 3,
  totalTokenCount: 281,
};
const ids = { modelVersion: 'gemini-x-2026', responseId: 'r1' };

function answer(parts: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0, ...more }], usageMetadata, ...ids };
}

const call = { functionCall: { name: 'weather', args: { city: 'Zürich "HB"' } } };

const answers: Readonly<Record<string, JsonObject>> = {
  text: answer([{ text: 'Grüße, 👩‍👩‍👧!' }]),
  'no parts': answer([], { finishReason: 'MAX_TOKENS' }),
  thoughts: answer([{ text: 'Hm, „so“.', thought: true }, { text: 'So.' }]),
  'signed thoughts': answer([
    { text: 'Hm.', thought: true, thoughtSignature: 's' },
    { text: 'So.', thoughtSignature: 't' },
  ]),
  calls: answer([
    { text: 'Hm.', thought: true },
    { text: 'I look.' },
    { ...call, thoughtSignature: 'sig' },
    call,
    { functionCall: { name: 'now', id: 'own' } },
  ]),
  'a signed end': answer([{ text: 'So it is.' }, { text: '', thoughtSignature: 't' }]),
  'code that was run': answer([
    { text: 'I count.' },
    { executableCode: { code: '1+1' } },
    { codeExecutionResult: { output: '2' } },
    { text: '2' },
  ]),
  'an image': answer([{ text: 'Here:' }, { inlineData: { mimeType: 'image/png', data: 'x' }, thoughtSignature: 's' }]),
  'ratings and sources': answer([{ text: 'x' }], {
    finishReason: 'SAFETY',
    safetyRatings: [{ category: 'C', probability: 'HIGH' }],
    groundingMetadata: { webSearchQueries: ['x'] },
    avgLogprobs: -0.5,
  }),
  'several samples': {
    candidates: [
      { content: { parts: [{ text: 'first' }] }, finishReason: 'STOP', index: 0 },
      { content: { parts: [{ text: 'hm', thought: true }, { text: 'second' }, call] }, finishReason: 'STOP', index: 1 },
    ],
    usageMetadata,
    ...ids,
  },
};

const letters: Cut = (text) => text.split('');

async function decoded(body: string, split?: number) {
  const { events: _events, ...rest } = await decodeAnswer({ api: 'gemini', body: new TextEncoder().encode(body), split });
  return rest;
}

describe('an answer says the same streamed and whole', () => {
  test.each(Object.entries(answers))('%s', async (_, whole) => {
    const expected = await decoded(JSON.stringify(whole));
    expect(expected.error).toBeNull();
    expect(await decoded(sse(whole))).toEqual(expected);
    expect(await decoded(contentStream(whole).join(''))).toEqual(expected);
    const body = contentStream(whole, letters).join('');
    for (const split of [undefined, 1, 2, 3, 7, 64]) expect(await decoded(body, split)).toEqual(expected);
  });

  test('also when its samples come side by side', async () => {
    const chunks = contentStream(answers['several samples'] ?? {}, letters);
    const of = (index: number): string[] => chunks.filter((chunk) => chunk.includes(`"index":${index}`));
    const [first, second] = [of(0), of(1)];
    const mixed = Array.from({ length: Math.max(first.length, second.length) }, (__, i) => `${first[i] ?? ''}${second[i] ?? ''}`).join('');
    expect(mixed).not.toBe('');
    expect((await decoded(mixed)).samples).toEqual((await decoded(JSON.stringify(answers['several samples']))).samples);
  });

  test('whatever it is, and wherever it is cut', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const part: fc.Arbitrary<JsonObject> = fc.oneof(
      text.map((each) => ({ text: each })),
      text.map((each) => ({ text: each, thought: true })),
      text.map((each) => ({ text: each, thoughtSignature: 's' })),
      text.map((city) => ({ functionCall: { name: 'f', args: { city } } })),
      fc.constant({ executableCode: { code: '1' } }),
    );
    // Two bare texts of a kind in a row are one in a stream.
    const kind = (each: JsonObject | undefined): string => Object.keys(each ?? {}).join();
    const isBare = (each: JsonObject): boolean => /^text(,thought)?$/.test(kind(each));
    const parts = fc.array(part, { maxLength: 6 }).map((all) => all.filter((each, i) => !isBare(each) || kind(each) !== kind(all[i - 1])));
    const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 5 }));
    await fc.assert(
      fc.asyncProperty(parts, sizes, fc.integer({ min: 1, max: 40 }), async (given, size, split) => {
        const cut: Cut = (all) => {
          const pieces = [];
          for (let at = 0; at < all.length;) {
            const length = size.next().value;
            pieces.push(all.slice(at, at + length));
            at += length;
          }
          return pieces;
        };
        const whole = answer(given);
        expect(await decoded(contentStream(whole, cut).join(''), split)).toEqual(await decoded(JSON.stringify(whole)));
      }),
    );
  });
});

describe('a stream', () => {
  const piece = (parts: readonly JsonObject[], more: JsonObject = {}): string =>
    sse({ candidates: [{ content: { parts }, ...more }], ...ids });

  test('goes back as it came where parts are signed', async () => {
    const { samples } = await decoded(
      [piece([{ text: 'So ' }]), piece([{ text: 'it ' }]), piece([{ text: 'is.', thoughtSignature: 't' }], { finishReason: 'STOP' })].join(
        '',
      ),
    );
    const message = samples[0]?.message ?? assistant('');
    expect(message.parts).toEqual([{ type: 'text', text: 'So it is.', providerMetadata: { gemini: { thoughtSignature: 't' } } }]);
    const body = encodeGeminiRequest(createRequest({ messages: [user('?'), message] }), { name: 'gemini', model: 'm' });
    expect(body['contents']).toMatchObject([{}, { parts: [{ text: 'So it ' }, { text: 'is.', thoughtSignature: 't' }] }]);
  });

  test('may give a reason with every chunk, the last one counts, and more after it; or end in [DONE]', async () => {
    const chunks = [
      piece([], { finishReason: 'STOP' }),
      piece([{ text: 'Par' }], { finishReason: 'STOP' }),
      piece([{ text: 'is' }], { finishReason: 'MAX_TOKENS' }),
      sse({ usageMetadata: { promptTokenCount: 1 } }),
      sse({ usageMetadata: { promptTokenCount: 2, totalTokenCount: 3 } }),
    ];
    for (const body of [chunks.join(''), `${chunks.join('')}data: [DONE]\n\n`])
      expect(await decoded(body)).toMatchObject({
        samples: [{ message: { parts: [{ type: 'text', text: 'Paris' }] }, finish: { reason: 'length', raw: 'MAX_TOKENS' } }],
        usage: { inputTokens: 2, totalTokens: 3 },
        error: null,
      });
  });

  test('may begin with an empty text', async () => {
    const begun = piece([{ text: '' }]);
    const rest = piece([call], { finishReason: 'STOP' });
    expect((await decoded(begun + rest)).samples).toEqual((await decoded(rest)).samples);
  });

  test('brings log-probabilities in pieces', async () => {
    const logprobs = (token: string): JsonObject => ({ logprobsResult: { chosenCandidates: [{ token }] } });
    const { samples } = await decoded(
      piece([{ text: 'a' }], logprobs('a')) + piece([{ text: 'b' }], { ...logprobs('b'), finishReason: 'STOP' }),
    );
    expect(samples[0]?.message.providerMetadata).toEqual({
      gemini: { logprobsResult: { chosenCandidates: [{ token: 'a' }, { token: 'b' }] } },
    });
  });

  test('that ends before every sample has its reason is incomplete, and what came stays', async () => {
    const two = contentStream(answers['several samples'] ?? {});
    const chunks = contentStream(answers['text'] ?? {}, letters);
    for (const body of [two.slice(0, 3).join(''), chunks.slice(0, 3).join(''), chunks.slice(0, 3).join('').slice(0, -2)]) {
      const { samples, error } = await decoded(body);
      expect(error).toMatchObject({ code: 'incomplete-response', retryable: true, message: expect.stringContaining('finishReason') });
      expect(samples.at(-1)?.finish).toBeUndefined();
      expect(samples[0]?.message.parts).not.toEqual([]);
    }
    expect((await decoded('')).error).toMatchObject({ code: 'incomplete-response' });
    expect((await decoded(sse({ usageMetadata }))).error).toMatchObject({ code: 'incomplete-response' });
  });

  test.each([
    [{ code: 503, status: 'UNAVAILABLE' }, 'server', true],
    [{ code: 500, status: 'INTERNAL' }, 'server', true],
    [{ code: 429, status: 'RESOURCE_EXHAUSTED' }, 'rate-limit', true],
    [{ code: 400, status: 'INVALID_ARGUMENT' }, 'invalid-request', false],
    [{ code: 403, status: 'PERMISSION_DENIED' }, 'permission', false],
  ])('may end in an error: %j', async (fields, code, retryable) => {
    const error = { error: { ...fields, message: 'Sorry' } };
    const begun = piece([{ text: 'Par' }]);
    // In an event, or as the servers write it when they can send no more events.
    for (const last of [sse(error), `event: error\n${sse(error)}`, JSON.stringify(error, undefined, 2), `\n${JSON.stringify(error)}\n`])
      for (const split of [undefined, 1, 11]) {
        const said = await decoded(begun + last, split);
        expect(said.error).toMatchObject({ code, retryable, status: fields.code, message: 'gemini: Sorry' });
        expect(said.samples[0]?.message.parts).toEqual([{ type: 'text', text: 'Par' }]);
      }
  });

  test('whose prompt is refused says why', async () => {
    const refusal = sse({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata });
    expect((await decoded(refusal)).error).toMatchObject({ code: 'content-filter', message: expect.stringContaining('SAFETY') });
  });

  test('that comes as a JSON list says what that means; an error in it is the error', async () => {
    const list = JSON.stringify([{ candidates: [{ content: { parts: [{ text: 'a' }] } }] }, { candidates: [{ finishReason: 'STOP' }] }]);
    expect((await decoded(list)).error).toMatchObject({ code: 'invalid-response', message: expect.stringContaining('alt=sse') });
    const error = JSON.stringify([{ error: { code: 503, message: 'Sorry' } }]);
    expect((await decoded(error)).error).toMatchObject({ code: 'server', message: 'gemini: Sorry' });
  });

  test.each([
    ['has samples without end', sse({ candidates: [{ index: 1e6 }] }), '1000000'],
    ['is no JSON', `data: {"candidates":\n\n`, 'event 1'],
    ['is a web page', '<html><title>Sign in</title></html>', 'Sign in'],
  ])('that %s is invalid', async (_, body, shown) => {
    expect((await decoded(body)).error).toMatchObject({ code: 'invalid-response', message: expect.stringContaining(shown) });
  });
});
