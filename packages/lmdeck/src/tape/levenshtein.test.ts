import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Levenshtein } from './levenshtein.ts';

/** The plain table. */
function plain(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '\uD83D', '\uDE00'), maxLength: 40 });
const long = fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength: 200, maxLength: 700 });

function isPlain(a: string, b: string): void {
  expect(new Levenshtein(a).distance(b)).toBe(plain(a, b));
}

test('the distance is that of the plain table', () => {
  fc.assert(fc.property(short, short, isPlain), { numRuns: 500 });
  fc.assert(fc.property(long, long, isPlain), { numRuns: 20 });
});

test('one query measures many texts', () => {
  fc.assert(
    fc.property(short, fc.array(short), (a, texts) => {
      const levenshtein = new Levenshtein(a);
      for (const text of texts) expect(levenshtein.distance(text)).toBe(plain(a, text));
    }),
  );
});

test('beyond the limit it says so, up to it the distance is exact', () => {
  fc.assert(
    fc.property(fc.oneof(short, long), fc.oneof(short, long), fc.nat(400), (a, b, limit) => {
      const distance = plain(a, b);
      expect(new Levenshtein(a).distance(b, limit)).toBe(distance <= limit ? distance : Infinity);
    }),
    { numRuns: 60 },
  );
});
