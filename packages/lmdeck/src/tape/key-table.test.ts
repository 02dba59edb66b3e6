import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyTable } from './key-table.ts';

test('a table has what was added since it was emptied, key by key and in its order', () => {
  // Few keys, some that want the same place, and the ends of what there is.
  const key = fc.constantFrom(0, 1, 1023, 1024, 2047, 2 ** 52 - 1, 5, 6);
  const step = fc.oneof(
    { arbitrary: fc.record({ key, value: fc.integer({ min: 1, max: 2 ** 52 }) }), weight: 50 },
    { arbitrary: fc.constant('clear' as const), weight: 1 },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(3000), (steps, more) => {
      const table = new KeyTable();
      const expected = new Map<number, number[]>();
      const add = (each: number, value: number): void => {
        table.add(each, value);
        expected.set(each, [...(expected.get(each) ?? []), value]);
      };
      for (const each of steps) {
        if (each === 'clear') {
          table.clear();
          expected.clear();
        } else add(each.key, each.value);
      }
      for (let i = 0; i < more; i++) add(i * 1_000_003, i + 1);
      expect(table.size).toBe([...expected.values()].reduce((sum, values) => sum + values.length, 0));
      for (const each of [...expected.keys(), 7, 2 ** 51]) {
        const values = expected.get(each) ?? [];
        expect(table.all(each)).toEqual(values);
        expect(table.greatest(each, 0)).toBe(Math.max(0, ...values));
        expect(table.least(each, 2 ** 53)).toBe(Math.min(2 ** 53, ...values));
      }
    }),
  );
});
