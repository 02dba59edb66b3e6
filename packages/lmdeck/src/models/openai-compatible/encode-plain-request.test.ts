import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assistant, createRequest, system, user, type JsonObject, type Message, type ModelRequestInput } from '../../core/index.ts';
import { CHAT_OPTIONS } from './chat-options.ts';
import { encodeAnyRequest, type EncodingTarget } from './encode-chat-request.ts';
import { encodePlainRequest } from './encode-plain-request.ts';
import { endpointCapabilities } from './endpoint.ts';
import { presets } from './presets.ts';

const targets: readonly EncodingTarget[] = [
  ...Object.values(presets).map((preset) => ({ ...preset, model: 'org/"m"', capabilities: endpointCapabilities(preset) })),
  { name: 'here', model: 'm', refuses: ['stream_options', 'seed'], maxTokensField: 'max_completion_tokens', capabilities: {} },
  { name: 'here', model: 'm', extraBody: { think: false }, capabilities: {} },
];

/** The text of a body, or the error there is instead. */
function written(write: () => string): string {
  try {
    return write();
  } catch (error) {
    return String(error);
  }
}

test('a usual request is written without a detour', () => {
  const request = createRequest({ messages: [system('Be brief.'), user('Hi')], options: { temperature: 0, maxTokens: 64 } });
  expect(encodePlainRequest(request, { name: 'here', model: 'm', capabilities: {} }, false)).toBe(
    '{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],"temperature":0,"max_tokens":64}',
  );
});

test('what is written is what the general way writes, and nothing is written where that one refuses', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const plain = fc.oneof(text.map(user), text.map(system), text.map(assistant));
  const other = fc.constantFrom<Message>(
    { ...user('a'), name: 'anna' },
    { ...user('a'), providerMetadata: { here: { id: 1 } } },
    { role: 'user', parts: [{ type: 'text', text: 'a', providerMetadata: { here: { cache: true } } }] },
    { role: 'user', parts: [] },
    {
      role: 'user',
      parts: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
    { role: 'assistant', parts: [{ type: 'reasoning', text: 'hm' }] },
    { role: 'assistant', parts: [{ type: 'tool-call', id: '1', name: 'f', arguments: '{}' }] },
    { role: 'tool', parts: [{ type: 'tool-result', toolCallId: '1', output: 'x' }] },
    user('see', [{ type: 'attachment', mediaType: 'image/png', data: 'AA==' }]),
  );
  const value = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.boolean(),
    text,
    fc.array(text, { maxLength: 2 }),
    fc.constant(null),
    fc.dictionary(text, fc.integer(), { maxKeys: 2 }),
  );
  const options: fc.Arbitrary<JsonObject> = fc.dictionary(fc.constantFrom(...Object.keys(CHAT_OPTIONS), 'unknown'), value, { maxKeys: 4 });
  const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
  const input: fc.Arbitrary<ModelRequestInput> = fc.record({
    messages: fc.array(fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: other }), { maxLength: 4 }),
    options: fc.oneof(
      { weight: 1, arbitrary: options },
      { weight: 1, arbitrary: fc.record({ temperature: fc.double(), seed: fc.integer() }, { requiredKeys: [] }) },
    ),
    tools: rarely(fc.constant([{ name: 'f', parameters: {} }])),
    toolChoice: rarely(fc.constant('none' as const)),
    schema: rarely(fc.constant({ type: 'object' })),
    samples: rarely(fc.constant(2)),
  });
  let count = 0;
  fc.assert(
    fc.property(input, fc.constantFrom(...targets), fc.boolean(), (given, target, stream) => {
      const request = createRequest(given);
      const body = encodePlainRequest(request, target, stream);
      if (body === undefined) return;
      count += 1;
      expect(body).toBe(written(() => encodeAnyRequest(request, target, stream)));
    }),
    { numRuns: 500 },
  );
  expect(count).toBeGreaterThan(80);
});
