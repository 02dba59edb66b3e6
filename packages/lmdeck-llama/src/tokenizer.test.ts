import { readFileSync } from 'node:fs';
import { assistant, createRequest, LmdeckError, system, user, type JsonObject, type LocalTokenizer } from 'lmdeck/core';
import { limitContext } from 'lmdeck/middleware';
import { countMessages, fitContext, huggingFaceTokenizer } from 'lmdeck/tokenize';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llama, type LlamaLanguageModel } from './index.ts';

let tiny: LlamaLanguageModel;
let own: LocalTokenizer;
beforeAll(async () => {
  tiny = llama({ model: 'tiny' });
  own = await tiny.tokenizer();
});
afterAll(() => tiny.unload());

/** The vocabulary that the model was trained with, as a `tokenizer.json`: 4 control tokens and 15 pieces of tool prompts at its end. */
function trained(): JsonObject {
  const { tokens, merges }: { tokens: readonly string[]; merges: readonly (readonly [string, string])[] } = JSON.parse(
    readFileSync(new URL('../tiny/tokenizer.json', import.meta.url), 'utf8'),
  );
  const first = tokens.indexOf('<|endoftext|>');
  const pattern = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
  return {
    added_tokens: tokens.slice(first).map((content, index) => ({ id: first + index, content, special: index < 4, normalized: false })),
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      ],
    },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.slice(0, first).map((token, id) => [token, id])), merges },
  };
}

const texts = [
  'What is the capital of France?',
  '<|im_start|>user\nIs 7 + 15 = 22?<|im_end|>\n',
  'Grüße, 世界 👍🏽! naïve\u0301 \t\r\n\r\n  x_y',
  '{"type": "function", "function": {"name": "get_weather", "description": "', // one token but for the name
  '<tools>\n</tools><tool_call>',
  "it's WE'LL DON'T 1234567 ...!!",
  '',
];

describe('ids', () => {
  test.each(texts)('of %j are those of the vocabulary that it was trained with', async (text) => {
    const reference = await huggingFaceTokenizer({ tokenizer: trained() });
    for (const special of ['text', 'token'] as const) {
      const ids = own.encode(text, { special });
      expect(ids).toEqual(reference.encode(text, { special }));
      expect(own.encodeWithOffsets(text, { special })).toEqual(reference.encodeWithOffsets(text, { special }));
      expect(ids.map((id) => own.bytes(id))).toEqual(ids.map((id) => reference.bytes(id)));
      expect(own.decode(ids)).toBe(text);
      expect(own.count(text, { special })).toBe(ids.length);
    }
  });

  test('of special tokens', () => {
    expect([own.bos?.text, own.eos?.text]).toEqual(['<|endoftext|>', '<|im_end|>']);
    expect(own.encode('<|im_end|>', { special: 'token' })).toEqual([own.eos?.id]);
    expect(own.encode('<|im_end|>').length).toBeGreaterThan(5);
    expect(own.decode([...own.encode('Hi'), own.eos?.id ?? 0], { skipSpecial: true })).toBe('Hi');
    expect(own.encode('Hi', { addSpecial: true })).toEqual(own.encode('Hi')); // the file says that it wants none
  });

  test.each([-1, 1.5, 100_000])('%d is none', (id) => {
    expect(() => own.decode([id])).toThrow(LmdeckError);
    expect(() => own.bytes(id)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

test('the chat template of the file renders and counts what the model is given', async () => {
  const messages = [system('Be brief.'), user('What is 2 + 2?')];
  expect(own.chatTemplate?.render(messages)).toBe(
    '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n',
  );
  expect(await countMessages(own, messages)).toBe(await tiny.countTokens(messages));
});

test('another template, or none, as the model was loaded with', async () => {
  await using other = llama({ model: 'tiny', chatTemplate: '{% for m in messages %}[{{ m.content }}]{% endfor %}' });
  expect((await other.tokenizer()).chatTemplate?.render([user('x')])).toBe('[x]');
  await using none = llama({ model: 'tiny', chatTemplate: false });
  expect((await none.tokenizer()).chatTemplate).toBeUndefined();
});

test('the context size is what a prompt and its answer can have', async () => {
  await using small = llama({ model: 'tiny', contextSize: 256 });
  const contextSize = await small.contextSize();
  const tokenizer = await small.tokenizer();
  const { prompt, tokens } = await fitContext('a '.repeat(1000), { tokenizer, contextSize, reserve: 16, strategy: 'left' });
  expect(tokens).toBe(contextSize - 16);
  expect(prompt.length).toBeLessThan(2000);
});

test('a conversation that is too long is shortened before it is asked', async () => {
  await using small = llama({ model: 'tiny', contextSize: 256 });
  const dropped: number[] = [];
  const limit = limitContext({ strategy: 'messages', reserve: 20, onCut: ({ cut }) => dropped.push(cut.messages) });
  const history = Array.from({ length: 20 }, () => [user('What is the capital of Spain?'), assistant('Madrid')]).flat();
  const request = createRequest({ messages: [...history, user('What is the capital of France?')] });
  const context = { callId: 'c', model: small, startedAt: 0, signal: new AbortController().signal, stream: false, trace: { attempts: 0 } };
  let text = '';
  for await (const item of limit(request, context, (passed, inner) => small.generate(passed, inner)))
    for (const event of [item].flat()) if (event.type === 'text-delta') text += event.text;
  expect(text).toBe('Paris');
  expect(dropped[0]).toBeGreaterThan(10);
});

test('ends with its model', async () => {
  const model = llama({ model: 'tiny' });
  const tokenizer = await model.tokenizer();
  await model.unload();
  expect(() => tokenizer.encode('x')).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining('unloaded') }));
});
