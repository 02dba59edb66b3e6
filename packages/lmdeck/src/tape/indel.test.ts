import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Indel } from './indel.ts';

/** The plain table of the longest common subsequence. */
function plain(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (let i = 1; i <= a.length; i++) {
    const next = [0];
    for (let j = 1; j <= b.length; j++) next.push(a[i - 1] === b[j - 1] ? (row[j - 1] ?? 0) + 1 : Math.max(row[j] ?? 0, next[j - 1] ?? 0));
    row = next;
  }
  return a.length + b.length - 2 * (row[b.length] ?? 0);
}

const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '\uD83D', '\uDE00'), maxLength: 40 });
const long = fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength: 200, maxLength: 700 });

test('the distance is that of the plain table', () => {
  const isPlain = (a: string, b: string): void => {
    expect(new Indel(a).distance(b)).toBe(plain(a, b));
  };
  fc.assert(fc.property(short, short, isPlain), { numRuns: 500 });
  fc.assert(fc.property(long, long, isPlain), { numRuns: 20 });
});

test('one query measures many texts', () => {
  fc.assert(
    fc.property(short, fc.array(short), (a, texts) => {
      const indel = new Indel(a);
      for (const text of texts) expect(indel.distance(text)).toBe(plain(a, text));
    }),
  );
});

test('beyond the limit it says so, up to it the distance is exact', () => {
  const holds = (a: string, b: string, limit: number): void => {
    const distance = plain(a, b);
    expect(new Indel(a).distance(b, limit)).toBe(distance <= limit ? distance : Infinity);
  };
  fc.assert(fc.property(fc.oneof(short, long), fc.oneof(short, long), fc.nat(900), holds), { numRuns: 60 });
  fc.assert(
    fc.property(long, fc.nat(300), fc.nat(40), (text, at, limit) => holds(text, edited(text, at), limit)),
    { numRuns: 60 },
  );
});

test('a text like another one is found out with little work', () => {
  const text = 'a common line of text\n'.repeat(500);
  const indel = new Indel(text);
  expect(indel.distance(edited(text, 5000), 16)).toBe(2);
  expect(indel.work).toBeLessThan(10_000);
});

function edited(text: string, at: number): string {
  return `${text.slice(0, at)}X${text.slice(at + 1)}`;
}
