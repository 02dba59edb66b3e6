import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MarkerScanner } from './marker-scanner.ts';

interface Marker {
  readonly text: string;
}

/** Pushes pieces until a marker comes; what was given out, and the marker. */
function scan(markers: readonly string[], pieces: readonly string[]): { text: string; marker: string | undefined } {
  const scanner = new MarkerScanner<Marker>(markers.map((text) => ({ text })));
  let text = '';
  for (const piece of pieces) {
    const found = scanner.push(piece);
    if (typeof found !== 'string') return { text: text + found.text, marker: found.marker.text };
    text += found;
  }
  return { text: text + scanner.end(), marker: undefined };
}

test('finds a marker that comes in pieces and gives out only what is before it', () => {
  expect(scan(['STOP'], ['one S', 'TO', 'two STO', 'P three'])).toEqual({ text: 'one STOtwo ', marker: 'STOP' });
});

test('holds back nothing that cannot be a marker any more', () => {
  const scanner = new MarkerScanner<Marker>([{ text: 'abc' }]);
  expect(scanner.push('xab')).toBe('x');
  expect(scanner.push('d')).toBe('abd');
  expect(scanner.end()).toBe('');
});

test('of several markers the one that is complete first wins, of two that end together the longer one', () => {
  expect(scan(['bc', 'abcd'], ['abcd'])).toEqual({ text: 'a', marker: 'bc' });
  expect(scan(['c', 'abc'], ['xabc'])).toEqual({ text: 'x', marker: 'abc' });
});

test('the result does not depend on the pieces', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
  const markers = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(letters), markers, (pieces, texts) => {
      const whole = scan(texts, pieces.join('').split(''));
      expect(scan(texts, pieces)).toEqual(whole);
      for (const text of texts) expect(whole.text).not.toContain(text);
      if (whole.marker === undefined) expect(whole.text).toBe(pieces.join(''));
    }),
  );
});
