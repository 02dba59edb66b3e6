import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistant, raw, system, user } from '../core/index.ts';
import { openTape } from '../tape/index.ts';
import { put } from '../tape/test-support/calls.ts';
import { codePoints } from './code-points.ts';
import { chatml, thinking, wordTokenizer } from './test-support/word-tokenizer.ts';
import { trainingText } from './training-text.ts';

const example = { messages: [system('Be brief.'), user('2 + 2?')], answer: assistant('4 ✅ 😀') };

test('code points are counted as Python does', () => {
  expect(['', 'abc', 'é', '😀', 'a😀b', '\uD83D', '\uDE00x', '\uD83D\uD83D\uDE00'].map(codePoints)).toEqual([0, 3, 1, 1, 3, 1, 2, 2]);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => codePoints(text) === Array.from(text).length));
});

describe('trainingText', () => {
  test('has the rendered conversation, and how much of its end is the answer', () => {
    const text = trainingText(example, { template: chatml });
    expect(text).toEqual({
      text: '<s><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n2 + 2?<|im_end|>\n<|im_start|>assistant\n4 ✅ 😀<|im_end|>\n',
      promptText: '<s><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n2 + 2?<|im_end|>\n<|im_start|>assistant\n',
      outputText: '4 ✅ 😀<|im_end|>\n',
      nPredicted: 16,
      bosStripped: false,
    });
    // As a trainer in Python cuts it.
    const points = Array.from(text.text);
    expect(points.slice(0, -text.nPredicted).join('')).toBe(text.promptText);
  });

  test('a BOS that the tokenizer adds again is taken off', () => {
    const adds = wordTokenizer({ chatTemplate: chatml });
    const addsNone = wordTokenizer({ chatTemplate: chatml, addsBos: false });
    const remote = { ...adds, encode: () => Promise.resolve([0]) };
    const begins = (text: string): boolean => text.startsWith('<s>');
    expect(trainingText(example, { tokenizer: adds })).toMatchObject({ bosStripped: true, nPredicted: 16 });
    expect([adds, remote, addsNone].map((tokenizer) => begins(trainingText(example, { tokenizer }).text))).toEqual([false, false, true]);
    expect(begins(trainingText(example, { tokenizer: adds, bos: 'keep' }).text)).toBe(true);
    const stripped = trainingText(example, { tokenizer: addsNone, bos: 'strip' });
    expect([begins(stripped.text), begins(stripped.promptText)]).toEqual([false, false]);
  });

  test('a call brings its tools and its samples', async () => {
    await using tape = openTape(':memory:');
    const request = { messages: [user('Hi')], tools: [{ name: 'add', parameters: {} }], options: {} };
    const samples = [{ message: assistant('one') }, { message: assistant('two') }];
    put(tape, '', '', { request }, { samples });
    put(tape, 'failed', undefined, {}, { status: 'error' });
    const [failed, call] = tape.calls();
    if (failed === undefined || call === undefined) throw new Error('two calls');
    expect(trainingText(call, { template: chatml }).text).toContain('tools add');
    expect(trainingText(call, { template: chatml, sample: 1 }).outputText).toBe('two<|im_end|>\n');
    expect(() => trainingText(call, { template: chatml, sample: 2 })).toThrow('no answer (sample 2)');
    expect(() => trainingText(failed, { template: chatml })).toThrow('its status is error');
  });

  test('raw prompts need no template', () => {
    expect(trainingText({ messages: [raw('Once upon ')], answer: assistant('a time') }, {})).toMatchObject({
      text: 'Once upon a time',
      promptText: 'Once upon ',
      nPredicted: 6,
    });
    expect(() => trainingText({ messages: [raw([1, 2])], answer: assistant('x') }, {})).toThrow('token ids');
  });

  test('without a template it says whose is missing', () => {
    expect(() => trainingText(example, {})).toThrow('no tokenizer was given');
    expect(() => trainingText(example, { tokenizer: wordTokenizer() })).toThrow('the tokenizer test/words has none');
  });

  test('a template that opens the answer otherwise is told with the place, or cut where both agree', () => {
    expect(() => trainingText(example, { template: thinking })).toThrow(
      /from character 95 on .*<think>.*and .*4 ✅.*mismatch: 'common-prefix'/,
    );
    expect(trainingText(example, { template: thinking, mismatch: 'common-prefix' })).toMatchObject({
      outputText: '4 ✅ 😀<|im_end|>\n',
      nPredicted: 16,
    });
  });

  test('a common prefix does not end inside a character', () => {
    const template = {
      source: '',
      render: (_: unknown, options?: { readonly addGenerationPrompt?: boolean | undefined }) =>
        options?.addGenerationPrompt === true ? 'a😀' : 'a😁',
    };
    expect(trainingText(example, { template, mismatch: 'common-prefix' })).toMatchObject({
      promptText: 'a',
      outputText: '😁',
      nPredicted: 1,
    });
  });
});
