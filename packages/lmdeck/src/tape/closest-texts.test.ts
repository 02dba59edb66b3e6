import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closestTexts } from './closest-texts.ts';
import { Similarity } from './similarity.ts';
import { TextProfiler } from './text-profile.ts';

function* candidates(texts: readonly string[]) {
  for (const item of texts) yield { item, profile: new TextProfiler().units(item) };
}

const words = fc
  .array(fc.constantFrom('a', 'pelican', 'walrus', 'is', 'the', 'what', 'where', 'Zürich', '😀', 'is the'), { maxLength: 12 })
  .map((each) => each.join(' '));

test('what is found is what a comparison with all of them finds', () => {
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 30 }),
      words,
      fc.constantFrom('levenshtein' as const, 'indel' as const),
      fc.constantFrom(0, 0.3, 0.5, 0.7, 1),
      fc.integer({ min: 1, max: 6 }),
      (texts, asked, similarity, cutoff, limit) => {
        const expected = texts
          .map((item) => ({ item, score: new Similarity(asked, similarity).score(item, 0) ?? 0 }))
          .filter(({ score }) => score >= cutoff)
          .toSorted((a, b) => b.score - a.score)
          .slice(0, limit);
        const result = closestTexts(asked, candidates(texts), (item) => item, { similarity, cutoff, limit });
        expect(result).toEqual({ found: expected, compared: texts.length, complete: true });
      },
    ),
    { numRuns: 500 },
  );
});

test('of equally good ones the first is taken, also where a later one promises more', () => {
  // Both are one edit away; the second has the same letters in another order, so its bound is higher.
  const result = closestTexts('abcdefgh', candidates(['abcdefgx', 'abcdefhg', 'abcdefgy']), (item) => item, { similarity: 'indel' });
  expect(result.found).toEqual([{ item: 'abcdefgx', score: 0.875 }]);
});

test('a search that would take too long stops with the most promising, and says so', () => {
  const noise = (seed: number): string => {
    let state = seed;
    return Array.from({ length: 2000 }, () => 'etaoinshrd'[(state = (state * 48_271) % 2_147_483_647) % 10]).join('');
  };
  const texts = Array.from({ length: 50 }, (_, i) => noise(i + 2));
  const near = `${noise(1)}!`;
  const search = (asked: string, mostWork?: number) => {
    const { found, compared, complete } = closestTexts(asked, candidates([...texts, near]), (item) => item, { cutoff: 0 }, mostWork);
    return { near: found[0]?.item === near, compared, complete };
  };
  expect(search(noise(1), 10_000)).toEqual({ near: true, compared: 51, complete: true });
  expect(search(noise(99), 10_000)).toMatchObject({ compared: 51, complete: false });
  expect(search(noise(99))).toMatchObject({ compared: 51, complete: true });
});

test('nothing like it is nothing', () => {
  const none = { found: [], compared: 2, complete: true };
  expect(closestTexts('Where is Paris?', candidates(['12345 67890 12345', '']), (item) => item)).toEqual(none);
  expect(closestTexts('a', candidates([]), (item: string) => item)).toEqual({ ...none, compared: 0 });
});
