import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffTokens } from './diff-tokens.ts';
import { textDiff, textRuns } from './text-diff.ts';

const tokens = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
const text = fc
  .array(fc.constantFrom('one', 'two', ' ', ' ', '\n', '.', 'Zürich', '東京', '😀', '\r\n', 'e\u0301', '\uD83D'), { maxLength: 40 })
  .map((each) => each.join(''));

/** Length of the longest common subsequence, by the plain table. */
function lcs(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const each of a) {
    const next = [0];
    for (let j = 1; j <= b.length; j++) next.push(each === b[j - 1] ? (row[j - 1] ?? 0) + 1 : Math.max(row[j] ?? 0, next[j - 1] ?? 0));
    row = next;
  }
  return row[b.length] ?? 0;
}

test('the changes lead from one list to the other, and there are no fewer that do', () => {
  fc.assert(
    fc.property(tokens, tokens, (a, b) => {
      const hunks = diffTokens(a, b, 1000) ?? [];
      const before = hunks.flatMap(({ kind, start, end }) => (kind === 'added' ? [] : a.slice(start, end)));
      const after = hunks.flatMap(({ kind, start, end }) => (kind === 'removed' ? [] : (kind === 'added' ? b : a).slice(start, end)));
      expect(before).toEqual(a);
      expect(after).toEqual(b);
      const changed = hunks.reduce((sum, { kind, start, end }) => sum + (kind === 'same' ? 0 : end - start), 0);
      const least = a.length + b.length - 2 * lcs(a, b);
      expect(changed).toBe(least);
      expect(diffTokens(a, b, least)).toEqual(hunks);
      if (least > 0) expect(diffTokens(a, b, least - 1)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('the stretches put together are both texts', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const runs = textRuns(before, after);
      const joined = (without: string): string => runs.map((run) => (run.kind === without ? '' : run.text)).join('');
      expect(joined('added')).toBe(before);
      expect(joined('removed')).toBe(after);
    }),
    { numRuns: 300 },
  );
});

describe('shown', () => {
  test('word by word', () => {
    expect(textDiff('a b c', 'a b c')).toBe('a b c');
    expect(textDiff('one two three', 'one 2 three four')).toBe('one [-two-]{+2+} three{+ four+}');
    expect(textDiff('the capital of France?', 'the capital of Spain?')).toBe('the capital of [-France-]{+Spain+}?');
    expect(textDiff('', 'new')).toBe('{+new+}');
  });

  test('scripts without spaces by the character', () => {
    expect(textDiff('東京は日本の首都', '京都は日本の首都')).toBe('[-東-]京{+都+}は日本の首都');
  });

  test('what cannot be seen can be seen', () => {
    expect(textDiff('a b', 'a  b')).toBe('a[-·-]{+··+}b');
    expect(textDiff('a\nb', 'a\r\nb')).toBe(String.raw`a[-\n-]{+\r\n+}b`);
    expect(textDiff('end', 'end\t')).toBe(String.raw`end{+\t+}`);
    expect(textDiff('a b', 'a\u00A0b')).toBe(String.raw`a[-·-]{+\u{a0}+}b`);
    expect(textDiff('zero', 'ze\u200Bro')).toBe(String.raw`[-zero-]{+ze\u{200b}ro+}`);
  });

  test('a prompt cannot write to the terminal', () => {
    expect(textDiff('\u001B[31mred old', '\u001B[31mred new')).toBe(String.raw`\u{1b}[31mred [-old-]{+new+}`);
  });

  test('only what is around the changes, also in texts of 100 KB', () => {
    const prose = Array.from({ length: 20_000 }, (_, i) => `word${i % 997}`).join(' ');
    const changed = prose.replace('word500 ', 'other ').replace(/word500 (?=word501 word502 \S+$|[^]{0,2000}$)/, 'last ');
    const diff = textDiff(`old ${prose} end`, `new ${changed} end.`);
    expect(diff).toMatch(/^\[-old-\]\{\+new\+\} word0 .*….*\[-word500-\]\{\+other\+\}.*\{\+\.\+\}$/);
    expect(diff.length).toBeLessThan(600);
  });

  test('texts with nothing in common, and texts that differ everywhere', () => {
    const long = 'word '.repeat(20_000);
    expect(textDiff(long, long.toUpperCase()).length).toBeLessThan(700);
    const everyOther = (word: string): string => Array.from({ length: 6000 }, (_, i) => (i % 2 === 0 ? 'same' : `${word}${i}`)).join(' ');
    expect(textDiff(everyOther('a'), everyOther('b')).length).toBeLessThan(2300);
    const lines = (word: string): string => Array.from({ length: 1900 }, (_, i) => `${i % 2 === 0 ? 'same' : word} ${i}\n`).join('');
    const diff = textDiff(lines('a'), lines('b'));
    expect(diff).toMatch(/^same 0\n\[-a-\]\{\+b\+\} 1\nsame 2\n/);
    expect(diff).toMatch(/… \(more differs\)$/);
  });
});
