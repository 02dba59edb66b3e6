import fc from 'fast-check';
import { expect, test } from 'vitest';

import { fromEditable, PasteFilter } from './pasted-text.ts';

function filtered(chunks: readonly string[]): string {
  const filter = new PasteFilter();
  return chunks.map((chunk) => filter.push(chunk)).join('');
}

test('a pasted text of several lines is one line to edit', () => {
  const line = filtered(['say: \u001B[200~one\r\ntwo\nthree\u001B[201~']);
  expect(line).not.toMatch(/[\r\n]/);
  expect(fromEditable(line)).toBe('say: one\ntwo\nthree');
});

test('what is typed passes at once, Escape and Enter included', () => {
  const filter = new PasteFilter();
  expect(filter.push('a\u001B')).toBe('a\u001B');
  expect(filter.push('\r')).toBe('\r');
  expect(filter.push('\u001B[A')).toBe('\u001B[A');
});

test('marks may be split anywhere', () => {
  const input = 'x\u001B[200~one\r\ntwo \u001B[31m\nthree\u001B[201~y\r';
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: input.length }), { maxLength: 12 }), (at) => {
      const points = [...new Set(at.filter((each) => each !== 2))].sort((a, b) => a - b);
      const chunks = [0, ...points].map((point, index) => input.slice(point, points[index] ?? input.length));
      expect(fromEditable(filtered(chunks))).toBe('xone\ntwo \u001B[31m\nthreey\r');
    }),
  );
});
