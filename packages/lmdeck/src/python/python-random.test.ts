import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PythonRandom } from './python-random.ts';

const range = (n: number): number[] => [...Array(n).keys()];

// All numbers were printed by CPython 3.11.7.
describe('draws what CPython draws', () => {
  test.each([
    [0n, [0.8444218515250481, 3255389356, 28, 364648824738901, 4, 61, 891145273829]],
    [1n, [0.13436424411240122, 3639700191, 25, 568416432208836, 4, 12, 1037017667747]],
    [1099511627783n, [0.6137037779936511, 3500038837, 30, 5760319706908197, 9, 82, 551799892330]],
    [-5n, [0.6229016948897019, 3185950873, 11, 6218991505886775, 8, 5, 1025811484159]],
    [123456789012345678901234567890n, [0.7275084571578186, 685135262, 26, 4747193043264629, 4, 82, 248742600527]],
  ])('random, getrandbits and randrange with seed %s', (seed, expected) => {
    const random = new PythonRandom(seed);
    const drawn = [random.random(), random.getrandbits(32), random.getrandbits(5), random.getrandbits(53)];
    drawn.push(random.randrange(10), random.randrange(5, 100, 7), random.randrange(2 ** 40));
    expect(drawn).toEqual(expected);
  });

  test('random', () => {
    const random = new PythonRandom(0);
    expect([random.random(), random.random(), random.random()]).toEqual([0.8444218515250481, 0.7579544029403025, 0.420571580830845]);
  });

  test('across several refills of the state', () => {
    const random = new PythonRandom(7);
    let sum = 0;
    for (let i = 0; i < 5000; i++) sum += random.random();
    expect([sum, random.random()]).toEqual([2473.840432907616, 0.9597776466029644]);
  });

  test('sample, from a small list and from a large one', () => {
    const few = new PythonRandom(1234);
    expect([few.sample(range(10), 3), few.sample(range(10), 3)]).toEqual([
      [7, 1, 0],
      [1, 0, 9],
    ]);
    const many = new PythonRandom(42);
    expect(many.sample(range(1000), 8)).toEqual([654, 114, 25, 759, 281, 250, 228, 142]);
    expect([many.sample(range(85), 6), many.sample(range(86), 6)]).toEqual([
      [13, 69, 11, 75, 54, 4],
      [3, 11, 27, 29, 64, 77],
    ]);
    expect(many.choices(['a', 'b', 'c'], 8, [1, 2, 3.5])).toEqual(['a', 'b', 'c', 'c', 'b', 'c', 'c', 'a']);
    expect(many.shuffled(range(12))).toEqual([9, 3, 10, 8, 0, 7, 1, 11, 4, 5, 6, 2]);
  });

  // 21 and 85 items are sampled from a list, one more by a set: the limit grows with the sample, and the draws differ.
  test.each([
    [2, 21, [1, 2, 19, 11, 5]],
    [2, 22, [1, 2, 11, 5, 21]],
    [5, 85, [79, 32, 45, 67, 3, 59]],
    [2, 86, [7, 11, 10, 46, 21, 85]],
  ])('sample with seed %d from %d', (seed, size, sample) => {
    expect(new PythonRandom(seed).sample(range(size), sample.length)).toEqual(sample);
  });

  test('choices', () => {
    expect(new PythonRandom(0).choices([0, 1, 2], 6)).toEqual([2, 2, 1, 0, 1, 1]);
  });
});

test('choices are floors of random numbers, from wherever the generator stands', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(700), fc.integer({ min: 1, max: 1000 }), fc.nat(1500), (seed, words, size, count) => {
      const [one, other] = [new PythonRandom(seed), new PythonRandom(seed)];
      for (let i = 0; i < words; i++) expect(one.getrandbits(32)).toBe(other.getrandbits(32));
      const indices = new Uint32Array(count);
      one.fillChoices(indices, size);
      expect([...indices]).toEqual(Array.from(indices, () => Math.floor(other.random() * size)));
      expect(one.random()).toBe(other.random());
    }),
  );
});

test('what is drawn stays within its bounds', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 53 - 1 }), fc.integer({ min: 1, max: 53 }), (seed, below, bits) => {
      const random = new PythonRandom(seed);
      const drawn = [random.random(), random.randrange(below), random.getrandbits(bits)];
      expect(drawn.map((value, i) => value >= 0 && value < ([1, below, 2 ** bits][i] ?? 0))).toEqual([true, true, true]);
      expect(drawn.slice(1).every((value) => Number.isInteger(value))).toBe(true);
    }),
  );
});

test('a sample has no item twice, a shuffle every item once', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(300), fc.double({ min: 0, max: 1, noNaN: true }), (seed, size, share) => {
      const random = new PythonRandom(seed);
      const sample = random.sample(range(size), Math.floor(share * size));
      expect(new Set(sample).size).toBe(Math.floor(share * size));
      expect(random.shuffled(range(size)).sort((a, b) => a - b)).toEqual(range(size));
    }),
  );
});

test.each([
  ['a seed with a fraction', () => new PythonRandom(0.5)],
  ['too many bits', () => new PythonRandom(0).getrandbits(54)],
  ['an empty range', () => new PythonRandom(0).randrange(3, 3)],
  ['a sample larger than the population', () => new PythonRandom(0).sample([1, 2], 3)],
  ['choices from nothing', () => new PythonRandom(0).choices([], 1)],
  ['weights that do not fit', () => new PythonRandom(0).choices([1, 2], 1, [1])],
  ['weights of zero', () => new PythonRandom(0).choices([1, 2], 1, [0, 0])],
])('%s is refused', (_, draw) => {
  expect(draw).toThrow(expect.objectContaining({ code: 'usage' }));
});
