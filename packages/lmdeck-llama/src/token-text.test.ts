import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loadModel } from './loaded-model.ts';
import { tinyModelPath } from './tiny.ts';
import { TokenText } from './token-text.ts';

const { model, close } = await loadModel('llama/tiny', tinyModelPath, {});
afterAll(close);

function pieces(text: string, upTo = Number.POSITIVE_INFINITY): { given: string[]; held: string } {
  const reader = new TokenText(model, () => undefined, []);
  const given = model
    .tokenize(text)
    .slice(0, upTo)
    .map((token) => reader.push(token));
  return { given, held: reader.end() };
}

test('characters that are spread over tokens come whole', () => {
  const text = 'naïve 東京 😀 árbol 👩‍🚀!';
  expect(model.tokenize(text).length).toBeGreaterThan(25);
  const { given, held } = pieces(text);
  expect(given.join('') + held).toBe(text);
  expect(given.filter((piece) => piece.includes('\uFFFD'))).toEqual([]);
  expect(given.filter((piece) => !piece.isWellFormed())).toEqual([]);
});

test('whatever the text and wherever it is cut, no broken character appears', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.nat(40), (text, upTo) => {
      fc.pre(!text.includes('\uFFFD'));
      const { given, held } = pieces(text, upTo);
      const shown = given.join('') + held;
      expect(text.startsWith(shown)).toBe(true);
      if (upTo >= model.tokenize(text).length) expect(shown).toBe(text);
    }),
  );
});

test('control tokens have no text, unless they must be seen', () => {
  const tokens = model.tokenize('a<|im_end|>b', true);
  const read = (visible: (token: number) => string | undefined): string => {
    const reader = new TokenText(model, visible, []);
    return tokens.map((token) => reader.push(token)).join('') + reader.end();
  };
  expect(read(() => undefined)).toBe('ab');
  expect(read((token) => (token === tokens[1] ? '<END>' : undefined))).toBe('a<END>b');
});
