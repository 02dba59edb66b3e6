import fc from 'fast-check';

const words = [
  'a',
  'b',
  'S',
  't',
  'LL',
  "'s",
  "'T",
  "'ll",
  "'Re",
  "'",
  'ſ',
  'K',
  'ß',
  'İ',
  'ǅ',
  'ʰ',
  'ª',
  'é',
  'e\u0301',
  '\u0301',
  '\u200d',
];
const spaces = [' ', '  ', '\n', '\r\n', '\t', '\u0085', '\ufeff', '\u00a0', '\u2028', '\u3000', '\u200b', '\u000b', '\u001c'];
const scripts = ['世', '界', 'あ', 'ア', '한', '，', 'Ж', 'ж', 'Ω', 'א', 'ب', 'ก', '้', 'ह', 'ि', '्', '𝒜', '𐐀', '𐐨'];
const numbers = ['0', '12', '345', '٣', '½', 'Ⅷ'];
const emoji = ['😀', '👨‍👩‍👧', '❤️', '👍🏽', '🇩🇪'];
const code = [
  '!',
  '?',
  '...',
  '--',
  '//',
  '/',
  '{',
  '}',
  '();',
  '<|',
  '|>',
  '_',
  '`',
  '"',
  '$',
  '\\',
  'Hello',
  ' World',
  'camelCase',
  'HTTPServer',
  'fn()\n\t',
];
const odd = ['\u0000', '\u007f', '\uffff', '\u{10ffff}', '\ufffd', '\ud800', '\udc00'];
const pieces = [...words, ...spaces, ...scripts, ...numbers, ...emoji, ...code, ...odd];

/** Texts of everything that tokenizers stumble over: mixed scripts, marks, contractions, white space of all kinds, runs, lone surrogates. */
export const nastyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...pieces) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constantFrom(...pieces), fc.integer({ min: 2, max: 80 })).map(([piece, times]) => piece.repeat(times)),
      },
      { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));
