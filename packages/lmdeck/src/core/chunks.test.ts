import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeChunks, encodeChunks, type Chunk } from './chunks.ts';

const chunk: fc.Arbitrary<Chunk> = fc.record(
  {
    kind: fc.constantFrom<Chunk['kind']>('text', 'reasoning', 'refusal', 'tool-call-start', 'tool-call-delta', 'tool-call-end', 'logprobs'),
    sample: fc.nat(3),
    index: fc.nat(12),
    length: fc.nat(100_000),
    waitMs: fc.oneof(fc.constant(0), fc.nat(100_000)),
  },
  { noNullPrototype: true },
);

test('pieces written down are read back', () => {
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      expect(decodeChunks(encodeChunks(chunks))).toEqual(chunks);
    }),
  );
});

test('the text is short and does not change', () => {
  const text = { kind: 'text', sample: 0, index: 0 } as const;
  expect(
    encodeChunks([
      { ...text, length: 5, waitMs: 0 },
      { ...text, length: 12, waitMs: 30 },
      { kind: 'tool-call-delta', sample: 0, index: 1, length: 3, waitMs: 0 },
      { ...text, sample: 2, length: 1, waitMs: 0 },
    ]),
  ).toBe('t5t12+30i1a3s2i0t1');
});

test('what is not such a text is told apart', () => {
  for (const text of ['t', '5', 't5 t6', 'z3', 't5+', '+3']) expect(decodeChunks(text), text).toBeUndefined();
  expect(decodeChunks('')).toEqual([]);
});
