import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { disjointWindow, rollingTokenWindows } from './rolling-windows.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** `[from, to)` of the text as an input; the first one begins with the prefix. */
type Span = readonly [inputFrom: number, inputTo: number, targetFrom: number, targetTo: number];

function windows(length: number, maxLength: number, contextLength: number): { readonly input: unknown; readonly target: unknown }[] {
  return [...rollingTokenWindows(range(0, length), { prefixToken: -100, maxLength, contextLength })];
}

function expected([from, to, targetFrom, targetTo]: Span): { readonly input: number[]; readonly target: number[] } {
  return { input: from === -1 ? [-100, ...range(0, to)] : range(from, to), target: range(targetFrom, targetTo) };
}

// From tests/test_utils.py of EleutherAI/lm-evaluation-harness, and values that its get_rolling_token_windows gave.
describe('windows over the tokens 0, 1, 2, …', () => {
  test.each<[number, number, number, Span[]]>([
    [
      34,
      10,
      1,
      [
        [-1, 9, 0, 10],
        [9, 19, 10, 20],
        [19, 29, 20, 30],
        [23, 33, 30, 34],
      ],
    ],
    [
      30,
      10,
      1,
      [
        [-1, 9, 0, 10],
        [9, 19, 10, 20],
        [19, 29, 20, 30],
      ],
    ],
    [
      9,
      2,
      1,
      [
        [-1, 1, 0, 2],
        [1, 3, 2, 4],
        [3, 5, 4, 6],
        [5, 7, 6, 8],
        [6, 8, 8, 9],
      ],
    ],
    [
      10,
      4,
      1,
      [
        [-1, 3, 0, 4],
        [3, 7, 4, 8],
        [5, 9, 8, 10],
      ],
    ],
    [
      10,
      4,
      2,
      [
        [-1, 3, 0, 4],
        [2, 6, 4, 7],
        [5, 9, 7, 10],
      ],
    ],
    [3, 4, 1, [[-1, 2, 0, 3]]],
    [
      4,
      1,
      1,
      [
        [-1, 0, 0, 1],
        [0, 1, 1, 2],
        [1, 2, 2, 3],
        [2, 3, 3, 4],
      ],
    ],
    [0, 2, 1, []],
  ])('%d of them, at most %d, %d before', (length, maxLength, contextLength, spans) => {
    expect(windows(length, maxLength, contextLength)).toEqual(spans.map(expected));
  });

  test('34 of them, at most 10, 8 before: three new ones each', () => {
    const found = windows(34, 10, 8);
    expect(found).toHaveLength(9);
    expect([found[0], found[1], found[8]]).toEqual(
      (
        [
          [-1, 9, 0, 10],
          [2, 12, 10, 13],
          [23, 33, 31, 34],
        ] as const
      ).map(expected),
    );
  });

  test('at most 10, 10 before: one new one each', () => {
    expect([windows(34, 10, 10).length, windows(30, 10, 10).length]).toEqual([25, 21]);
    expect([windows(34, 10, 10)[1], windows(34, 10, 10)[24]]).toEqual(
      (
        [
          [0, 10, 10, 11],
          [23, 33, 33, 34],
        ] as const
      ).map(expected),
    );
  });

  test('a single token is predicted from the prefix', () => {
    expect([...rollingTokenWindows([7], { prefixToken: -100, maxLength: 2 })]).toEqual([{ input: [-100], target: [7] }]);
  });
});

test.each([
  [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [1]],
  [
    [1, 2, 3, 4, 5],
    [4, 5, 6],
    [1, 2, 3],
  ],
  [[1, 2, 3, 4, 5], [6], [1, 2, 3, 4, 5]],
])('the window %j, %j has the context %j', (input, target, context) => {
  expect(disjointWindow({ input, target })).toEqual({ context, continuation: target });
});

test('the disjoint windows of the tokens 0 to 33', () => {
  const pairs = [...rollingTokenWindows(range(0, 34), { prefixToken: -100, maxLength: 10 })].map((window) => disjointWindow(window));
  expect(pairs.map(({ context }) => context)).toEqual([[-100], [9], [19], range(23, 30)]);
});

test('a context length outside of 1 to the maximum is refused', () => {
  for (const contextLength of [0, 3, Number.NaN])
    expect(() => [...rollingTokenWindows([1], { prefixToken: 0, maxLength: 2, contextLength })]).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
});

const cases = fc
  .record({ length: fc.nat(200), maxLength: fc.integer({ min: 1, max: 40 }) })
  .chain(({ length, maxLength }) =>
    fc.record({ length: fc.constant(length), maxLength: fc.constant(maxLength), contextLength: fc.integer({ min: 1, max: maxLength }) }),
  );

test('every token is predicted once, from what stands before it and enough of it', () => {
  fc.assert(
    fc.property(cases, ({ length, maxLength, contextLength }) => {
      const text = range(0, length);
      const found = [...rollingTokenWindows(text, { prefixToken: -100, maxLength, contextLength })];
      expect(found.flatMap(({ target }) => target)).toEqual(text);
      for (const [i, window] of found.entries()) {
        const { context, continuation } = disjointWindow(window);
        expect(window.input.length).toBeLessThanOrEqual(maxLength);
        // The input and the last target token are one piece of the text (after the prefix).
        expect([...window.input, continuation.at(-1)]).toEqual(
          [-100, ...text].slice((continuation.at(-1) ?? 0) + 1 - window.input.length, (continuation.at(-1) ?? 0) + 2),
        );
        // The last input token but one belongs to the target: context and continuation together are the same piece.
        expect([...context, ...continuation]).toEqual([...window.input, continuation.at(-1)]);
        expect(context.length).toBeGreaterThanOrEqual(i === 0 ? 1 : contextLength);
        if (i > 0) expect(window.input.length).toBe(maxLength);
      }
    }),
  );
});
