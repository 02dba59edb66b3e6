import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { chainHashes, messageHash } from './message-hash.ts';
import { assistant, system, toolResult, user, type Message } from './message.ts';
import { createRequest } from './model-request.ts';
import { requestKey } from './request-key.ts';
import { sha256 } from './sha256.ts';

const model = { id: 'openai/gpt-5.6-luna', endpoint: 'https://api.openai.com/v1' };

/** These digests are on people's tapes: a change here orphans every recorded call. Raise the version instead. */
describe('pinned digests', () => {
  test('of a message chain', () => {
    expect(chainHashes([system('Be brief.'), user('What is the capital of France?'), assistant('Paris')])).toEqual([
      '4fcd06e078962c2e4d46ef4d8100d160042da17726cbabfb2f4da27eaa68b9b6',
      '83ba1802c8f2c12ecf2c244545fdfd180d16dcf48f855fb075aeb234924eba9b',
      'c7fd333ac6d0d857d31fb36215192217e31400fb4327862811e7bfd5b09239b3',
    ]);
  });

  test('of messages with every kind of part', () => {
    const messages: Message[] = [
      user('Look at this', [{ type: 'attachment', mediaType: 'image/png', data: 'iVBORw0KGgo=' }]),
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm.', providerMetadata: { openrouter: { signature: 'abc' } } },
          { type: 'refusal', text: 'No.' },
          { type: 'tool-call', id: 'call_1', name: 'get_weather', arguments: '{"city": "Paris"}' },
        ],
      },
      toolResult('call_1', 'sunny'),
    ];
    expect(chainHashes(messages).at(-1)).toBe('1b83dc79048114908edab777e2ebb3a0637d235177bb01acc3a551d4dc330e5d');
  });

  test('of a bare request', () => {
    expect(requestKey(model, createRequest({ messages: [user('What is the capital of France?')] }))).toBe(
      '69b5a0705b7f68b6f3f9c854a1d57d19fad1edfd6d5e1b170cb4fdf9d2432cf2',
    );
  });

  test('of a request with everything', () => {
    const request = createRequest({
      messages: [system('Be brief.'), user('What is the capital of France?')],
      tools: [
        { name: 'get_weather', description: 'Weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      ],
      toolChoice: 'required',
      schema: { type: 'object', properties: { name: { type: 'string' } } },
      options: { temperature: 0.7, seed: 42 },
      samples: 3,
      sample: 2,
    });
    expect(requestKey({ ...model, revision: '2026-01-01' }, request)).toBe(
      '27945b218937b5b386c6bc9a523fec7f49211c750778a9e4d90d368dcc7aba94',
    );
  });
});

describe('the key changes with everything that can change the answer', () => {
  const base = createRequest({ messages: [user('hi')], options: { temperature: 0 } });
  const key = requestKey(model, base);

  test.each([
    ['text', { messages: [user('hi!')] }],
    ['role', { messages: [system('hi')] }],
    ['history', { messages: [user('hello'), user('hi')] }],
    ['option', { options: { temperature: 0.1 } }],
    ['seed', { options: { temperature: 0, seed: 1 } }],
    ['schema', { schema: { type: 'object' } }],
    ['tools', { tools: [{ name: 'a', parameters: {} }] }],
    ['tool choice', { toolChoice: 'none' as const }],
    ['samples', { samples: 2 }],
    ['sample index', { sample: 1 }],
  ])('%s', (_what, change) => {
    expect(requestKey(model, createRequest({ messages: [user('hi')], options: { temperature: 0 }, ...change }))).not.toBe(key);
  });

  test('model, endpoint and revision', () => {
    expect(requestKey({ ...model, id: 'openai/other' }, base)).not.toBe(key);
    expect(requestKey({ ...model, endpoint: 'http://127.0.0.1/v1' }, base)).not.toBe(key);
    expect(requestKey({ ...model, revision: 'b' }, base)).not.toBe(key);
  });

  test('but not with defaults, absent fields or the order of options', () => {
    expect(
      requestKey(
        model,
        createRequest({ messages: [user('hi')], options: { seed: undefined, temperature: 0 }, samples: 1, sample: 0, tools: [] }),
      ),
    ).toBe(key);
  });
});

test('a message hash depends on what came before', () => {
  const message = user('hi');
  expect(messageHash(message, undefined)).not.toBe(messageHash(message, messageHash(user('a'), undefined)));
  expect(messageHash(message, undefined)).toBe(messageHash(user('hi'), undefined));
});

test('the short way of hashing plain text gives what the canonical form gives', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('system', 'user', 'assistant', 'tool'),
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      (role, text, first) => {
        const parent = first ? undefined : sha256('before');
        const message: Message = { role, parts: [{ type: 'text', text }] };
        expect(messageHash(message, parent)).toBe(sha256(canonicalJson({ message, parent: parent ?? null, v: 1 })));
        const named: Message = { ...message, name: 'Anna' };
        expect(messageHash(named, parent)).toBe(sha256(canonicalJson({ message: named, parent: parent ?? null, v: 1 })));
      },
    ),
  );
});

test('two images differ, the same image does not', () => {
  const image = (data: string): Message => user('x', [{ type: 'attachment', mediaType: 'image/png', data }]);
  expect(messageHash(image('AAAA'), undefined)).not.toBe(messageHash(image('AAAB'), undefined));
  expect(messageHash(image('AAAA'), undefined)).toBe(messageHash(image('AAAA'), undefined));
});

test('text with half a character gets a key, the same that its repaired form has', () => {
  expect(requestKey(model, createRequest({ messages: [user('a\uD83D')] }))).toBe(
    requestKey(model, createRequest({ messages: [user('a\uFFFD')] })),
  );
});
