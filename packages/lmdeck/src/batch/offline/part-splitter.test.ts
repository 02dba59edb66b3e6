import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PartSplitter, type RowSize } from './part-splitter.ts';

/** The sizes of the parts that rows become. */
function split(rows: readonly RowSize[], limits: ConstructorParameters<typeof PartSplitter>[0]): readonly RowSize[] {
  const splitter = new PartSplitter(limits);
  const parts: RowSize[] = [];
  for (const row of rows) {
    if (!splitter.fits(row)) {
      parts.push(splitter.size);
      splitter.next();
    }
    splitter.add(row);
  }
  return [...parts, splitter.size];
}

describe('where parts end', () => {
  test('150 rows of about a hundredth of the limit are two files (distilabel, test_openai.py)', () => {
    // Scaled down from 100 MiB: a row is the text, a hundredth of the limit less 50, and what stands around it.
    const maxBytes = 104_857_600 / 100;
    const bytes = Math.floor(maxBytes / 100) - 50 + 120;
    expect(
      split(
        Array.from({ length: 150 }, () => ({ rows: 1, bytes, tokens: 1 })),
        { maxBytes },
      ).map((part) => part.rows),
    ).toEqual([99, 51]);
  });

  test('a limit may be reached, not passed', () => {
    const row = { rows: 1, bytes: 50, tokens: 10 };
    const rows = [row, row, row];
    expect(split(rows, { maxBytes: 100 }).map((part) => part.bytes)).toEqual([100, 50]);
    expect(split(rows, { maxBytes: 99 }).map((part) => part.bytes)).toEqual([50, 50, 50]);
    expect(split(rows, { maxRows: 2 }).map((part) => part.rows)).toEqual([2, 1]);
    expect(split(rows, { maxEnqueuedTokens: 20 }).map((part) => part.tokens)).toEqual([20, 10]);
    expect(split(rows, {})).toHaveLength(1);
  });

  test('a row that is beyond a limit alone is told, and why', () => {
    const splitter = new PartSplitter({ maxBytes: 100, maxEnqueuedTokens: 20, maxRows: 2 });
    expect(splitter.excess({ rows: 1, bytes: 100, tokens: 20 })).toBeUndefined();
    expect(splitter.excess({ rows: 1, bytes: 101, tokens: 1 })).toContain('101 bytes');
    expect(splitter.excess({ rows: 1, bytes: 1, tokens: 21 })).toContain('21 tokens');
    expect(splitter.excess({ rows: 3, bytes: 1, tokens: 1 })).toContain('3 requests');
  });

  test('no part is beyond a limit, no row is lost, and no part could have taken the next row', () => {
    const size = fc.record({ rows: fc.constant(1), bytes: fc.integer({ min: 1, max: 50 }), tokens: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.array(size), fc.integer({ min: 50, max: 120 }), fc.integer({ min: 1, max: 6 }), (rows, most, maxRows) => {
        const parts = split(rows, { maxBytes: most, maxEnqueuedTokens: most, maxRows });
        let next = 0;
        for (const part of parts) {
          expect(part.rows).toBeLessThanOrEqual(maxRows);
          expect(part.bytes).toBeLessThanOrEqual(most);
          expect(part.tokens).toBeLessThanOrEqual(most);
          next += part.rows;
          const after = rows[next];
          const isFull =
            after === undefined || part.rows + 1 > maxRows || part.bytes + after.bytes > most || part.tokens + after.tokens > most;
          expect(isFull).toBe(true);
        }
        expect(next).toBe(rows.length);
      }),
    );
  });
});
