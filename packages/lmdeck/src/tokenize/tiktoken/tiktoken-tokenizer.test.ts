import fc from 'fast-check';
import { encode as encodeCl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { encode as encodeO200k } from 'gpt-tokenizer/encoding/o200k_base';
import { encode as encodeP50k } from 'gpt-tokenizer/encoding/p50k_base';
import { describe, expect, test } from 'vitest';
import { nastyText } from '../test-support/nasty-text.ts';
import { tiktokenTokenizer } from './tiktoken-tokenizer.ts';

const load = (name: string): ReturnType<typeof tiktokenTokenizer> => tiktokenTokenizer(name, { cacheFolder: false });
const o200k = await load('o200k_base');
const cl100k = await load('cl100k_base');
const r50k = await load('r50k_base');
const p50k = await load('p50k_base');

/** Ids that Python's tiktoken 0.14.0 gives (`encode_ordinary`); some of the texts are those of its own tests. */
const vectors: readonly (readonly [text: string, o200k: readonly number[], cl100k: readonly number[], r50k: readonly number[]])[] = [
  ['', [], [], []],
  ['hello world', [24912, 2375], [15339, 1917], [31373, 995]],
  ["'rer", [15770, 259], [2351, 81], [821, 81]],
  ['today\n ', [58744, 198, 220], [31213, 198, 220], [40838, 198, 220]],
  ['today\n \n', [58744, 47812], [31213, 27907], [40838, 198, 220, 198]],
  ['today\n  \n', [58744, 31835], [31213, 14211], [40838, 198, 220, 220, 198]],
  [' \u00850', [220, 126, 227, 15], [220, 126, 227, 15], [220, 126, 227, 15]],
  ['\ufeffa b', [5574, 64, 287], [3305, 64, 293], [171, 119, 123, 64, 275]],
  ["can'ſ do", [6929, 6, 70067, 621], [4919, 6, 129, 123, 656], [5171, 6, 129, 123, 466]],
  ["Can'T", [8475, 51532], [6854, 17773], [6090, 6, 51]],
  ["We've 12345 items", [68088, 220, 7633, 2548, 4732], [1687, 3077, 220, 4513, 1774, 3673], [1135, 1053, 17031, 2231, 3709]],
  ['👍', [82514], [9468, 239, 235], [41840, 235]],
  ['e\u0301té', [68, 13430, 54949], [68, 54939, 83, 978], [68, 136, 223, 83, 2634]],
  [
    '  indented\n\tcode()',
    [220, 1383, 23537, 198, 86873, 416],
    [220, 1280, 16243, 198, 44443, 368],
    [220, 773, 4714, 198, 197, 8189, 3419],
  ],
  [
    '世界，你好！',
    [28428, 64720, 8061, 3393],
    [3574, 244, 98220, 3922, 57668, 53901, 6447],
    [10310, 244, 45911, 234, 171, 120, 234, 19526, 254, 25001, 121, 171, 120, 223],
  ],
];

describe('ids', () => {
  test.each(vectors)('of %j are those of tiktoken', (text, ...expected) => {
    expect([o200k, cl100k, r50k].map((tokenizer) => tokenizer.encode(text))).toEqual(expected);
    expect([o200k, cl100k, r50k].map((tokenizer) => tokenizer.count(text))).toEqual(expected.map((ids) => ids.length));
  });

  test('p50k has tokens for white space, and no id in the place of its end of text', () => {
    expect(p50k.encode(`x${' '.repeat(20)}y`)).toEqual([87, 50274, 331]);
    expect(p50k.decode([50256])).toBe('<|endoftext|>');
  });

  // gpt-tokenizer takes JavaScript's \s and no ſ in contractions, where tiktoken does not: see the vectors for these.
  const common = nastyText.map((text) => text.replaceAll(/[\u0085\ufeffſ]/g, 'x'));

  test.each([
    ['o200k_base', o200k, encodeO200k],
    ['cl100k_base', cl100k, encodeCl100k],
    ['p50k_base', p50k, encodeP50k],
  ])('of %s are those of gpt-tokenizer for any text', (_, tokenizer, encode) => {
    fc.assert(
      fc.property(common, (text) => {
        const ids = encode(text, { disallowedSpecial: new Set() });
        expect(tokenizer.encode(text)).toEqual(ids);
        expect(tokenizer.count(text)).toBe(ids.length);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([129, 200, 1000])('of a piece of %i bytes, which is merged in another way, are the same', (length) => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'e', 'n', 't', 'é'), minLength: length, maxLength: 2 * length }), (text) => {
        expect(o200k.encode(text)).toEqual(encodeO200k(text));
      }),
      { numRuns: 30 },
    );
  });

  test('a million equal letters are one piece and no matter', () => {
    expect(o200k.count('a'.repeat(1_000_000))).toBe(125_000);
    expect(o200k.encode(' '.repeat(100_000))).toHaveLength(782);
  });

  test('a text longer than the buffer gives the same', () => {
    const text = 'The quick brown fox – naïve – jumps over 12 lazy dogs. '.repeat(2000);
    expect(o200k.encode(text)).toEqual(encodeO200k(text));
    expect(o200k.count(text)).toBe(o200k.encode(text).length);
  });
});

describe('special tokens', () => {
  test('are text unless they are asked for', () => {
    expect(cl100k.encode('a<|endoftext|>b')).toEqual([64, 27, 91, 8862, 728, 428, 91, 29, 65]);
    expect(cl100k.encode('a<|endoftext|>b<|fim_prefix|>', { special: 'token' })).toEqual([64, 100257, 65, 100258]);
    expect(cl100k.count('a<|endoftext|>b<|fim_prefix|>', { special: 'token' })).toBe(4);
    expect(cl100k.encode('<|endo', { special: 'token' })).toEqual(cl100k.encode('<|endo'));
    expect(cl100k.eos).toEqual({ id: 100257, text: '<|endoftext|>' });
  });

  test('of harmony', async () => {
    const harmony = await load('o200k_harmony');
    const text = '<|start|>user<|message|>Hi<|end|><|reserved_200018|>';
    const ids = [200006, 1428, 200008, 12194, 200007, 200018];
    expect(harmony.encode(text, { special: 'token' })).toEqual(ids);
    expect(harmony.decode(ids)).toBe('<|start|>user<|message|>Hi<|end|><|endofprompt|>');
    expect(harmony.decode(ids, { skipSpecial: true })).toBe('userHi');
  });
});

describe('back to text', () => {
  test('decoding is the inverse of encoding', () => {
    fc.assert(
      fc.property(nastyText, fc.constantFrom('text' as const, 'token' as const), (text, special) => {
        for (const tokenizer of [o200k, cl100k, r50k])
          expect(tokenizer.decode(tokenizer.encode(text, { special }))).toBe(text.toWellFormed());
      }),
    );
  });

  test('part of a character is U+FFFD; a byte order mark stays', () => {
    expect(cl100k.decode([9468, 239])).toBe('\ufffd');
    expect(o200k.decode(o200k.encode('\ufeffx'))).toBe('\ufeffx');
    expect(o200k.decode([])).toBe('');
    expect([9468, 239, 235].map((id) => [...cl100k.bytes(id)])).toEqual([[0xf0, 0x9f], [0x91], [0x8d]]);
  });

  test('bytes are a copy', () => {
    o200k.bytes(24912).fill(0);
    expect(o200k.decode([24912])).toBe('hello');
  });

  test.each([-1, 1.5, 199_998, 200_000, 1e9, Number.NaN])('%d is no token of o200k_base', (id) => {
    expect(() => o200k.decode([id])).toThrow(`tiktoken/o200k_base has no token ${id}.`);
  });
});

describe('offsets', () => {
  test('point at each token, and at the whole character for its parts', () => {
    expect(cl100k.encodeWithOffsets('hi 👍!')).toEqual({
      ids: [6151, 62904, 235, 0],
      offsets: [
        [0, 2],
        [2, 5],
        [3, 5],
        [5, 6],
      ],
    });
    expect(cl100k.encodeWithOffsets('a<|endoftext|>', { special: 'token' }).offsets).toEqual([
      [0, 1],
      [1, 14],
    ]);
  });

  test('cover any text without gaps, and each has the token in it', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const { ids, offsets } = o200k.encodeWithOffsets(text);
        expect(ids).toEqual(o200k.encode(text));
        let covered = 0;
        for (const [index, [start, end]] of offsets.entries()) {
          expect(start).toBeLessThanOrEqual(covered);
          expect(end).toBeGreaterThanOrEqual(covered);
          covered = end;
          const token = Buffer.from(o200k.bytes(ids[index] ?? -1)).toString('latin1');
          expect(Buffer.from(text.slice(start, end).toWellFormed()).toString('latin1')).toContain(token);
        }
        expect(covered).toBe(text.length);
      }),
    );
  });
});

describe('names', () => {
  test.each([
    ['gpt-5-mini', 'tiktoken/o200k_base'],
    ['gpt-5.6-luna', 'tiktoken/o200k_base'],
    ['openai/gpt-4o-2024-05-13', 'tiktoken/o200k_base'],
    ['gpt-4-0613', 'tiktoken/cl100k_base'],
    ['ft:gpt-3.5-turbo:me::1', 'tiktoken/cl100k_base'],
    ['text-embedding-3-small', 'tiktoken/cl100k_base'],
    ['davinci', 'tiktoken/r50k_base'],
  ])('%s is %s', async (name, id) => {
    expect((await load(name)).id).toBe(id);
  });

  test.each(['gpt-4.9', 'llama-3', 'o200k', 'gpt-50', 'toString'])('%s is refused with what there is', async (name) => {
    await expect(load(name)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('There are o200k_base') });
  });
});
