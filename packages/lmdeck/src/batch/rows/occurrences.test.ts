import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Occurrences } from './occurrences.ts';
import { textHash } from './text-hash.ts';

test('counts as a map does, also hashes that collide in part and what comes very often', () => {
  const half = fc.oneof(fc.nat(3), fc.constantFrom(0xffff_ffff, 0x8000_0000));
  fc.assert(
    fc.property(fc.array(fc.record({ high: half, low: half }), { maxLength: 3000, size: 'max' }), (hashes) => {
      const [counts, map] = [new Occurrences(), new Map<string, number>()];
      for (const hash of hashes) {
        const name = `${hash.high} ${hash.low}`;
        if (counts.add(hash) !== (map.get(name) ?? 0)) throw new Error(`${name} is counted wrongly`);
        map.set(name, (map.get(name) ?? 0) + 1);
      }
    }),
    { numRuns: 20 },
  );
});

test('many different texts: none is taken for another, the table grows', () => {
  const counts = new Occurrences();
  const add = (): number[] => Array.from({ length: 100_000 }, (_, i) => counts.add(textHash(`row ${i}`)));
  expect(add().every((before) => before === 0)).toBe(true);
  expect(add().every((before) => before === 1)).toBe(true);
});
