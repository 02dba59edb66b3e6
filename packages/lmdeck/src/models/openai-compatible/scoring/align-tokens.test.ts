import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alignTokens, type Span } from './align-tokens.ts';
import { placeInText } from './pick-continuation.ts';

/** A text cut anywhere between its bytes, as tokenizers of bytes cut it. */
const cutText = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'b', ' ', ' the', '\n', 'é', 'ß', '漢', '😀', '👩‍👩‍👧', '\uFFFD'), { minLength: 1, maxLength: 12 }),
    fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
  )
  .map(([parts, sizes]) => {
    const text = parts.join('');
    const bytes = Buffer.from(text);
    const spans: Span[] = [];
    for (let start = 0; start < bytes.length;) {
      const end = Math.min(bytes.length, start + (sizes.next().value ?? 1));
      spans.push({ start, end, earliestEnd: end });
      start = end;
    }
    return { text, spans, pieces: spans.map(({ start, end }) => bytes.subarray(start, end)) };
  });

const isWhole = (piece: Buffer): boolean => Buffer.from(piece.toString()).equals(piece);
const isWithinCharacter = (piece: Buffer): boolean => piece.subarray(1).every((byte) => (byte & 0xc0) === 0x80);
const escaped = (piece: Buffer): string =>
  isWhole(piece)
    ? piece.toString()
    : `bytes:${[...piece].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('')}`;

describe('property: any text, cut anywhere', () => {
  test('escaped bytes say all', () => {
    fc.assert(
      fc.property(cutText, ({ text, spans, pieces }) => {
        expect(alignTokens(text, { texts: pieces.map(escaped) })).toEqual(spans);
      }),
    );
  });

  test('the continuation begins with the right token in every style, or is refused', () => {
    const ways = {
      nothing: () => undefined,
      bytes: (before: Buffer) => before.length,
      codePoints: (before: Buffer) => Array.from(before.toString().replace(/\uFFFD+$/, '')).length,
      utf16: (before: Buffer) => before.toString().replace(/\uFFFD+$/, '').length,
    };
    let placed = 0;
    fc.assert(
      fc.property(
        cutText,
        fc.constantFrom('\uFFFD', ''),
        fc.constantFrom(...Object.values(ways)),
        fc.nat(),
        ({ text, spans, pieces }, lost, way, seed) => {
          fc.pre(!text.includes('\uFFFD'));
          // Where pieces say nothing, nobody can see that a token has more than one.
          fc.pre(lost !== '' || pieces.every((piece) => isWhole(piece) || isWithinCharacter(piece)));
          const bytes = Buffer.from(text);
          const seams = Array.from(text).map((_, i, all) => all.slice(0, i).join(''));
          const context = seams[seed % seams.length] ?? '';
          const offsets = spans.flatMap(({ start }) => way(bytes.subarray(0, start)) ?? []);
          const tokens = pieces.map((piece) => ({ text: piece.toString().replaceAll('\uFFFD', lost), logprob: -1, isGreedy: true }));
          let first: number;
          try {
            ({ first } = placeInText(context, text.slice(context.length), offsets.length === 0 ? { tokens } : { tokens, offsets }, 'm'));
          } catch {
            return;
          }
          placed++;
          const seam = Buffer.byteLength(context);
          expect(first).toBe(spans.findIndex((span) => span.end > seam));
        },
      ),
      { numRuns: 2000 },
    );
    expect(placed).toBeGreaterThan(1000);
  });

  test('whole tokens are found with any BOS, and the first may be unknown', () => {
    fc.assert(
      fc.property(cutText, fc.constantFrom('<s>', '<|begin_of_text|>'), ({ text, spans, pieces }, bos) => {
        fc.pre(pieces.every(isWhole) && !text.includes('\uFFFD'));
        const texts = pieces.map((piece) => piece.toString());
        expect(alignTokens(text, { texts: [bos, ...texts] })).toEqual([{ start: -1, end: -1, earliestEnd: -1 }, ...spans]);
        expect(alignTokens(text, { texts: [undefined, ...texts] })).toEqual([{ start: -1, end: -1, earliestEnd: -1 }, ...spans]);
        const others = alignTokens(text, { texts: [undefined, ...texts.slice(1)] });
        expect(others?.at(-1)?.end).toBe(Buffer.byteLength(text));
      }),
    );
  });

  test('another text is never found', () => {
    fc.assert(
      fc.property(cutText, fc.nat(), ({ text, pieces }, seed) => {
        fc.pre(pieces.every(isWhole) && !text.includes('\uFFFD'));
        const i = seed % pieces.length;
        const texts = pieces.map((piece, at) => (at === i ? `${piece.toString()}x` : piece.toString()));
        expect(alignTokens(text, { texts }, false)).toBeUndefined();
      }),
    );
  });
});

describe('what servers do', () => {
  test.each<[string, string, readonly string[], readonly number[] | undefined, readonly (readonly [number, number])[]]>([
    [
      'text alone',
      'Hello world',
      ['Hello', ' world'],
      undefined,
      [
        [0, 5],
        [5, 11],
      ],
    ],
    [
      'offsets shifted by a BOS',
      'Hello world',
      ['<s>', 'Hello', ' world'],
      [0, 3, 8],
      [
        [-1, -1],
        [0, 5],
        [5, 11],
      ],
    ],
    [
      'offsets of the text after a BOS',
      'Hello world',
      ['<s>', 'Hello', ' world'],
      [0, 0, 5],
      [
        [-1, -1],
        [0, 5],
        [5, 11],
      ],
    ],
    [
      'useless offsets',
      'Hello world',
      ['Hello', ' world'],
      [-1, -1],
      [
        [0, 5],
        [5, 11],
      ],
    ],
    [
      'wrong offsets',
      'Hello world',
      ['Hello', ' world'],
      [0, 4],
      [
        [0, 5],
        [5, 11],
      ],
    ],
    [
      'words without spaces',
      'Hello world',
      ['<s>', 'Hello', 'world'],
      undefined,
      [
        [-1, -1],
        [0, 5],
        [5, 11],
      ],
    ],
    [
      'a space before the first word',
      'Hello world',
      [' Hello', ' world'],
      undefined,
      [
        [0, 5],
        [5, 11],
      ],
    ],
    [
      '▁ for spaces',
      'Hello world',
      ['▁Hello', '▁world'],
      undefined,
      [
        [0, 5],
        [5, 11],
      ],
    ],
    [
      'code points',
      '😀 a',
      ['😀', ' a'],
      [0, 1],
      [
        [0, 4],
        [4, 6],
      ],
    ],
    [
      'UTF-16',
      '😀 a',
      ['😀', ' a'],
      [0, 2],
      [
        [0, 4],
        [4, 6],
      ],
    ],
    [
      'bytes',
      '😀 a',
      ['😀', ' a'],
      [0, 4],
      [
        [0, 4],
        [4, 6],
      ],
    ],
    [
      'a character in four tokens, told by their number',
      'a😀b',
      ['a', '\uFFFD', '\uFFFD', '\uFFFD', '\uFFFD', 'b'],
      undefined,
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 5],
        [5, 6],
      ],
    ],
    [
      'a character with its last token',
      'a😀b',
      ['a', '', '', '😀', 'b'],
      undefined,
      [
        [0, 1],
        [1, 1],
        [1, 1],
        [1, 5],
        [5, 6],
      ],
    ],
    [
      'a real U+FFFD',
      'a\uFFFDb',
      ['a', '\uFFFD', 'b'],
      undefined,
      [
        [0, 1],
        [1, 4],
        [4, 5],
      ],
    ],
    [
      'two special tokens',
      'Hi',
      ['[CLS]', '<s>', 'Hi'],
      undefined,
      [
        [-1, -1],
        [-1, -1],
        [0, 2],
      ],
    ],
  ])('%s', (_, text, texts, offsets, spans) => {
    expect(alignTokens(text, { texts, offsets })?.map(({ start, end }) => [start, end])).toEqual(spans);
  });

  test('of pieces of characters only the bounds are known', () => {
    expect(alignTokens('aéßb', { texts: ['a', '\uFFFD', '\uFFFD', 'b'] })?.slice(1, 3)).toEqual([
      { start: 1, end: 4, earliestEnd: 2 },
      { start: 2, end: 5, earliestEnd: 5 },
    ]);
  });

  test.each<[string, string, readonly string[]]>([
    ['too few', 'Hello world', ['Hello']],
    ['the first is missing', 'Hello world', [' world']],
    ['too many', 'Hello', ['Hello', '!']],
    ['in another case', 'Hello', ['hello']],
    ['none', 'Hello', []],
    ['lost ASCII', 'Hello', ['\uFFFD']],
    ['ids in place of texts', 'Hello', ['token_id:5']],
  ])('not the text: %s', (_, text, texts) => {
    expect(alignTokens(text, { texts })).toBeUndefined();
  });
});
