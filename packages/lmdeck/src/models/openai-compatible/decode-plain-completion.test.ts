import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonObject, type JsonValue, type ModelEvent } from '../../core/index.ts';
import { ChatStreamDecoder } from './chat-stream-decoder.ts';
import { decodePlainCompletion } from './decode-plain-completion.ts';

/** What the decoder of streams makes of a completion: one chunk with a message. */
function general(body: JsonObject): ModelEvent[] {
  const out: ModelEvent[] = [];
  const decoder = new ChatStreamDecoder({ endpoint: 'here', turn: 1, reasoningField: 'thoughts' });
  decoder.push(body, out);
  decoder.end(out, true);
  return out;
}

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1763660000,
  model: 'm-2026',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Paris', refusal: null, annotations: [] }, logprobs: null, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, prompt_tokens_details: { cached_tokens: 0 } },
  service_tier: 'default',
  system_fingerprint: 'fp_1',
} as const;

test('an answer as OpenAI sends it is plain', () => {
  const out: ModelEvent[] = [];
  expect(decodePlainCompletion(completion, out)).toBe(true);
  expect(out).toEqual(general(completion));
  expect(out.map(({ type }) => type)).toEqual(['metadata', 'text-delta', 'finish', 'raw', 'usage']);
});

interface Change {
  readonly place: 'body' | 'choice' | 'message';
  readonly key: string;
  readonly value: JsonValue | undefined;
}

const keys: Readonly<Record<Change['place'], readonly string[]>> = {
  body: [
    'id',
    'object',
    'created',
    'model',
    'choices',
    'usage',
    'error',
    'service_tier',
    'system_fingerprint',
    'timings',
    'x_groq',
    'extra',
  ],
  choice: ['index', 'message', 'logprobs', 'finish_reason', 'stop_reason', 'text', 'delta', 'usage'],
  message: [
    'role',
    'content',
    'refusal',
    'annotations',
    'tool_calls',
    'function_call',
    'reasoning_content',
    'reasoning_details',
    'thoughts',
  ],
};
const values: readonly Change['value'][] = [
  undefined,
  null,
  '',
  0,
  1,
  false,
  true,
  'stop',
  'tool_calls',
  'error',
  'text',
  'chat.completion',
  [],
  {},
  ['a'],
  { prompt_tokens: 1 },
  { content: 'b' },
  [{ index: 0 }],
  [{ type: 'text', text: 'a' }],
  [completion.choices[0], { ...completion.choices[0], index: 1 }],
];
const changes = Object.entries(keys).flatMap(([place, names]) =>
  names.flatMap((key) =>
    values.map((value): Change => ({ place: place === 'body' || place === 'choice' ? place : 'message', key, value })),
  ),
);

/** The completion with some of its values replaced. */
function changed(all: readonly Change[], content: string = completion.choices[0].message.content): JsonObject {
  const message: Record<string, JsonValue | undefined> = { ...completion.choices[0].message, content };
  const choice: Record<string, JsonValue | undefined> = { ...completion.choices[0], message };
  const body: Record<string, JsonValue | undefined> = { ...completion, choices: [choice] };
  for (const { place, key, value } of all) ({ body, choice, message })[place][key] = value;
  return body;
}

/** Compares both ways; true where the answer counts as plain. */
function compare(body: JsonObject): boolean {
  const out: ModelEvent[] = [];
  const isPlain = decodePlainCompletion(body, out);
  expect(out).toEqual(isPlain ? general(body) : []);
  return isPlain;
}

describe('the events are those of the general decoder, and there are none where the answer is not plain', () => {
  test('with any one value changed', () => {
    const plain = changes.filter((change) => compare(changed([change])));
    expect(plain.length).toBeGreaterThan(50);
    expect(plain.length).toBeLessThan(changes.length / 2);
  });

  test('with several changed', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...changes), { minLength: 2, maxLength: 4 }), fc.string({ unit: 'binary' }), (all, content) => {
        compare(changed(all, content));
      }),
      { numRuns: 500 },
    );
  });
});
