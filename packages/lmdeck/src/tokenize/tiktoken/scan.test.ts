import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanCl100k } from './scan-cl100k.ts';
import { scanGpt2 } from './scan-gpt2.ts';
import { scanO200k } from './scan-o200k.ts';
import type { Scan } from './scan-parts.ts';
import { nastyText } from '../test-support/nasty-text.ts';

/**
 * The patterns of openai/tiktoken (tiktoken_ext/openai_public.py) in JavaScript: \s is `\p{White_Space}`, and `(?i:s)` has ſ among its letters.
 * Possessive quantifiers are left out where nothing that follows could take back what they took.
 */
const anyCase = (pattern: string): string =>
  pattern.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}${letter === 's' ? 'ſ' : ''}]`);
const pattern = (source: string): RegExp =>
  new RegExp(source.replaceAll('\\S', '\\P{White_Space}').replaceAll('\\s', '\\p{White_Space}'), 'yu');

const contraction = `(?:${["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map(anyCase).join('|')})?`;
const o200k = pattern(
  [
    `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+${contraction}`,
    `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*${contraction}`,
    String.raw`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ].join('|'),
);
const cl100k = pattern(
  String.raw`'(?:${['s', 'd', 'm', 't', 'll', 've', 're'].map(anyCase).join('|')})|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+$|\s*[\r\n]|\s+(?!\S)|\s`,
);
const gpt2 = pattern(String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+$|\s+(?!\S)|\s`);

function piecesOf(scan: Scan, text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  const pieces = [];
  for (let from = 0; from < bytes.length;) {
    const to = scan(bytes, from, bytes.length);
    pieces.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(from, to)));
    from = to;
  }
  return pieces;
}

function matchesOf(regex: RegExp, text: string): string[] {
  const pieces = [];
  regex.lastIndex = 0;
  for (let found = regex.exec(text); found !== null; found = regex.exec(text)) pieces.push(found[0]);
  return pieces;
}

describe.each([
  ['o200k', scanO200k, o200k],
  ['cl100k', scanCl100k, cl100k],
  ['gpt2', scanGpt2, gpt2],
])('%s', (_, scan, regex) => {
  test('cuts every text where the pattern does', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        expect(piecesOf(scan, text)).toEqual(matchesOf(regex, text.toWellFormed()));
      }),
      { numRuns: 2000 },
    );
  });

  test.each(["it's ITS'S it'ſ", 'ABあCD ÀÉaB', 'a\n \n  b', '   ', ' \u0301x', '!\u0301A!', 'x \r\n', '1234567 ①②③④', '\u0085\ufeff a'])(
    '%j',
    (text) => {
      expect(piecesOf(scan, text)).toEqual(matchesOf(regex, text.toWellFormed()));
    },
  );
});
