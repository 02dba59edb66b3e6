import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Indel } from './indel.ts';
import { Levenshtein } from './levenshtein.ts';
import { Similarity } from './similarity.ts';
import { TextProfiler } from './text-profile.ts';

const kinds = ['levenshtein', 'indel'] as const;
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'é', '😀'), maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength: 520, maxLength: 700 }),
);

/** By the definition, from the distance. */
function plain(a: string, b: string, kind: (typeof kinds)[number]): number {
  const total = kind === 'indel' ? a.length + b.length : Math.max(a.length, b.length);
  const distance = kind === 'indel' ? new Indel(a).distance(b) : new Levenshtein(a).distance(b);
  return total === 0 ? 1 : 1 - distance / total;
}

describe('known values', () => {
  const vectors: readonly (readonly [string, string, number, number])[] = [
    // rapidfuzz 3: Levenshtein.normalized_similarity and Indel.normalized_similarity (= fuzz.ratio ÷ 100).
    ['kitten', 'sitting', 0.5714285714285714, 0.6153846153846154],
    ['lewenstein', 'levenshtein', 0.8181818181818181, 0.8571428571428572],
    ['saturday', 'sunday', 0.625, 0.7142857142857143],
    ['this is a test', 'this is a test!', 0.9333333333333333, 0.9655172413793104],
    ['abc', '', 0, 0],
    ['', '', 1, 1],
    ['same', 'same', 1, 1],
    ['ab', 'ba', 0, 0.5],
  ];
  test.each(vectors)('%j and %j', (a, b, levenshtein, indel) => {
    expect(new Similarity(a, 'levenshtein').score(b, 0)).toBeCloseTo(levenshtein, 14);
    expect(new Similarity(a, 'indel').score(b, 0)).toBeCloseTo(indel, 14);
  });

  test('a character beyond U+FFFF counts as two units', () => {
    // By characters both would be 0.5.
    expect(new Similarity('a😀', 'levenshtein').score('b😀', 0)).toBeCloseTo(2 / 3, 14);
    expect(new Similarity('a😀', 'indel').score('b😀', 0)).toBeCloseTo(2 / 3, 14);
  });
});

describe.each(kinds)('%s', (kind) => {
  test('the score is exact down to the least that is asked for, and absent below', () => {
    fc.assert(
      fc.property(text, text, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (a, b, least, likely) => {
        const exact = plain(a, b, kind);
        const similarity = new Similarity(a, kind);
        expect(similarity.score(b, least, likely)).toBe(exact >= least ? exact : undefined);
        // The very value is reached, whatever its digits.
        expect(similarity.score(b, exact, likely)).toBe(exact);
      }),
      { numRuns: 300 },
    );
  });

  test('no text is more alike than its bounds say', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const exact = plain(a, b, kind);
        const similarity = new Similarity(a, kind);
        const profiler = new TextProfiler();
        const both = profiler.units(a).common(profiler.units(b));
        expect(similarity.bound(b.length, both)).toBeGreaterThanOrEqual(exact);
        expect(similarity.bound(b.length, Math.min(a.length, b.length))).toBeGreaterThanOrEqual(exact);
        expect(similarity.pairBound(profiler.pairs(a), profiler.pairs(b))).toBeGreaterThanOrEqual(exact);
      }),
      { numRuns: 500 },
    );
  });
});
