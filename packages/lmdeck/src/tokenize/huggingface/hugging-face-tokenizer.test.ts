import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assistant, user, type JsonObject } from '../../core/index.ts';
import * as hub from '../test-support/hub-tokenizers.ts';
import { nastyText } from '../test-support/nasty-text.ts';
import { chatml } from '../test-support/templates.ts';
import { huggingFaceTokenizer } from './hugging-face-tokenizer.ts';

const byteLevel = await huggingFaceTokenizer({ tokenizer: hub.byteLevel });
const prefixSpace = await huggingFaceTokenizer({ tokenizer: hub.prefixSpace });
const byteFallback = await huggingFaceTokenizer({ tokenizer: hub.byteFallback });
const wordPiece = await huggingFaceTokenizer({ tokenizer: hub.wordPiece });
const unigram = await huggingFaceTokenizer({ tokenizer: hub.unigram });
const all = { byteLevel, prefixSpace, byteFallback, wordPiece, unigram };

interface Vector {
  readonly ids: readonly number[];
  readonly offsets: readonly (readonly [number, number])[];
  readonly decoded: string;
}

/**
 * Special tokens as tokens. Ids and texts are those of the Rust library (tokenizers 0.23.2 of Python), offsets too but for two
 * things: what was put before the text has no length, and a letter that was composed has the marks' place too.
 */
const vectors: readonly (readonly [name: keyof typeof all, text: string, expected: Vector])[] = [
  [
    'byteLevel',
    'hello world',
    {
      ids: [259, 262, 108, 100],
      offsets: [
        [0, 5],
        [5, 9],
        [9, 10],
        [10, 11],
      ],
      decoded: 'hello world',
    },
  ],
  [
    'byteLevel',
    'he\u0301 <mask>cat cats',
    {
      ids: [104, 263, 266, 267, 32, 99, 97, 116, 115],
      offsets: [
        [0, 1],
        [1, 3],
        [3, 10],
        [10, 13],
        [13, 14],
        [14, 15],
        [15, 16],
        [16, 17],
        [17, 18],
      ],
      decoded: 'hé<mask>cat cats',
    },
  ],
  [
    'byteLevel',
    'a<|end|>b',
    {
      ids: [97, 265, 98],
      offsets: [
        [0, 1],
        [1, 8],
        [8, 9],
      ],
      decoded: 'a<|end|>b',
    },
  ],
  [
    'byteLevel',
    '👍',
    {
      ids: [240, 159, 145, 141],
      offsets: [
        [0, 2],
        [0, 2],
        [0, 2],
        [0, 2],
      ],
      decoded: '👍',
    },
  ],
  [
    'byteLevel',
    'hello\u0085world\ufeff',
    {
      ids: [259, 194, 133, 119, 261, 108, 100, 239, 187, 191],
      offsets: [
        [0, 5],
        [5, 6],
        [5, 6],
        [6, 7],
        [7, 9],
        [9, 10],
        [10, 11],
        [11, 12],
        [11, 12],
        [11, 12],
      ],
      decoded: 'hello\u0085world\ufeff',
    },
  ],
  [
    'prefixSpace',
    'hello world',
    {
      ids: [32, 259, 262, 108, 100],
      offsets: [
        [0, 0],
        [0, 5],
        [5, 9],
        [9, 10],
        [10, 11],
      ],
      decoded: ' hello world',
    },
  ],
  [
    'prefixSpace',
    'a<|end|>b',
    {
      ids: [32, 97, 265, 32, 98],
      offsets: [
        [0, 0],
        [0, 1],
        [1, 8],
        [8, 8],
        [8, 9],
      ],
      decoded: ' a<|end|> b',
    },
  ],
  [
    'byteFallback',
    'hello world',
    {
      ids: [271, 276],
      offsets: [
        [0, 5],
        [5, 11],
      ],
      decoded: 'hello world',
    },
  ],
  [
    'byteFallback',
    'héllo',
    {
      ids: [259, 260, 198, 172, 268, 263],
      offsets: [
        [0, 0],
        [0, 1],
        [1, 2],
        [1, 2],
        [2, 4],
        [4, 5],
      ],
      decoded: 'héllo',
    },
  ],
  [
    'byteFallback',
    '<s>hello\ufeff',
    {
      ids: [1, 271, 242, 190, 194],
      offsets: [
        [0, 3],
        [3, 8],
        [8, 9],
        [8, 9],
        [8, 9],
      ],
      decoded: '<s> hello\ufeff',
    },
  ],
  [
    'wordPiece',
    'Café, tokenizes 世界!',
    {
      ids: [3, 7, 4, 5, 6, 8, 9, 10],
      offsets: [
        [0, 4],
        [4, 5],
        [6, 11],
        [11, 14],
        [14, 15],
        [16, 17],
        [17, 18],
        [18, 19],
      ],
      decoded: 'cafe , tokenizes 世 界 !',
    },
  ],
  [
    'wordPiece',
    'TOKENIZE\u0301 \u{20000}x',
    {
      ids: [4, 5, 0, 0],
      offsets: [
        [0, 5],
        [5, 8],
        [10, 12],
        [12, 13],
      ],
      decoded: 'tokenize [UNK] [UNK]',
    },
  ],
  [
    'unigram',
    '１ Hello  WORLD',
    {
      ids: [1, 8, 2, 1, 3, 4],
      offsets: [
        [0, 0],
        [0, 1],
        [1, 7],
        [7, 8],
        [8, 12],
        [12, 14],
      ],
      decoded: '1 hello  world',
    },
  ],
  [
    'unigram',
    'a<|end|>b',
    {
      ids: [1, 5, 0, 6],
      offsets: [
        [0, 0],
        [0, 1],
        [1, 8],
        [8, 9],
      ],
      decoded: 'a<unk>b',
    },
  ],
];

describe('equals the Rust library:', () => {
  test.each(vectors)('%s %j', (name, text, { ids, offsets, decoded }) => {
    const tokenizer = all[name];
    expect(tokenizer.encode(text, { special: 'token' })).toEqual(ids);
    expect(tokenizer.count(text, { special: 'token' })).toBe(ids.length);
    expect(tokenizer.encodeWithOffsets(text, { special: 'token' })).toEqual({ ids, offsets });
    expect(tokenizer.decode(ids)).toBe(decoded);
  });

  test('special tokens are text unless they are asked for; other added tokens always count', () => {
    expect(byteLevel.encode('a<|end|>b')).toEqual([97, 60, 124, 101, 110, 100, 124, 62, 98]);
    expect(byteFallback.encode('<s>hello')).toEqual([259, 63, 118, 65, 270]);
    expect(byteLevel.encode('cat')).toEqual([267]);
    expect(byteLevel.encode('<|end|>')).toEqual([60, 124, 101, 110, 100, 124, 62]);
  });

  test('what is put around a text', () => {
    expect(byteLevel.encode('hello', { addSpecial: true })).toEqual([264, 259]);
    expect(prefixSpace.encode('hello', { addSpecial: true })).toEqual([264, 32, 259, 265]);
    expect(wordPiece.encode('', { addSpecial: true })).toEqual([1, 2]);
    expect(prefixSpace.encodeWithOffsets('hello', { addSpecial: true })).toEqual({
      ids: [264, 32, 259, 265],
      offsets: [
        [0, 0],
        [0, 0],
        [0, 5],
        [5, 5],
      ],
    });
    expect(byteLevel.decode([264, 259, 265], { skipSpecial: true })).toBe('hello');
  });
});

test.each([' ▁\u0000', '▁', 'a ▁ b▁', ' ▁▁ '])('the sign for spaces in a text, %j, is not taken for one', (text) => {
  const { ids, offsets } = unigram.encodeWithOffsets(text);
  expect(ids).toEqual(unigram.encode(text));
  expect(offsets.at(-1)?.[1]).toBe(text.length);
});

describe('for any text', () => {
  test.each(Object.keys(all))('%s: encoding with offsets gives the same ids, and offsets in order within the text', (name) => {
    const tokenizer = Object.entries(all).find(([each]) => each === name)?.[1] ?? byteLevel;
    fc.assert(
      fc.property(nastyText, fc.constantFrom('text' as const, 'token' as const), (text, special) => {
        const { ids, offsets } = tokenizer.encodeWithOffsets(text, { special });
        expect(ids).toEqual(tokenizer.encode(text, { special }));
        expect(offsets).toHaveLength(ids.length);
        let before = 0;
        for (const [start, end] of offsets) {
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(text.length);
          before = start;
        }
      }),
      { numRuns: 150 },
    );
  });

  test('decoding is the inverse of encoding where nothing is normalised', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        // The sign for spaces is one when it comes back, whatever it was; so it is in the Rust library.
        expect(byteFallback.decode(byteFallback.encode(text))).toBe(text.toWellFormed().replaceAll('▁', ' '));
        expect(byteLevel.decode(byteLevel.encode(text))).toBe(text.toWellFormed().normalize('NFC'));
      }),
    );
  });
});

test('bytes of a token', () => {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  expect([...byteLevel.bytes(240)]).toEqual([240]);
  expect([262, 264].map((id) => text(byteLevel.bytes(id)))).toEqual([' wor', '<|begin|>']);
  expect([...byteFallback.bytes(198)]).toEqual([0xc3]);
  expect([271, 1].map((id) => text(byteFallback.bytes(id)))).toEqual([' hello', '<s>']);
  expect([5, 6].map((id) => text(wordPiece.bytes(id)))).toEqual(['ize', 's']);
  expect(() => byteLevel.bytes(9999)).toThrow('huggingface/tokenizer has no token 9999.');
  expect(() => byteLevel.decode([-1])).toThrow(expect.objectContaining({ code: 'usage' }));
});

describe('files', () => {
  let folder: string;
  const write = (name: string, content: JsonObject | string): Promise<void> =>
    writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lmdeck-hub-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('are read from a folder, or from the file in it', async () => {
    await write('tokenizer.json', hub.byteLevel);
    await write('tokenizer_config.json', {
      bos_token: '<|begin|>',
      eos_token: { content: '<|end|>' },
      model_max_length: 2048,
      chat_template: 'old',
    });
    await write('chat_template.jinja', `{{ bos_token }}${chatml}`);
    for (const path of [folder, join(folder, 'tokenizer.json')]) {
      const tokenizer = await huggingFaceTokenizer(path);
      expect(tokenizer.id).toBe(`huggingface/${basename(folder)}`);
      expect(tokenizer.bos).toEqual({ id: 264, text: '<|begin|>' });
      expect(tokenizer.eos).toEqual({ id: 265, text: '<|end|>' });
      expect(tokenizer.maxLength).toBe(2048);
      expect(tokenizer.chatTemplate?.render([user('hello')])).toBe('<|begin|><|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n');
    }
  });

  test('with named templates: that for tools when there are tools', async () => {
    await write('tokenizer.json', hub.byteLevel);
    await write('special_tokens_map.json', { pad_token: '<pad>' });
    await write('tokenizer_config.json', {
      model_max_length: 1e30,
      chat_template: [
        { name: 'default', template: 'plain{{ pad_token }}' },
        { name: 'tool_use', template: '{{ tools[0].function.name }}' },
      ],
    });
    await mkdir(join(folder, 'additional_chat_templates'));
    await write('additional_chat_templates/rag.jinja', 'rag {{ messages[0].content }}');
    const { chatTemplate, chatTemplates, maxLength, bos } = await huggingFaceTokenizer(folder, { name: 'mine' });
    expect(chatTemplate?.render([user('x')])).toBe('plain<pad>');
    expect(chatTemplate?.render([user('x')], { tools: [{ name: 'f', parameters: {} }] })).toBe('f');
    expect(chatTemplates['rag']?.render([assistant('y')])).toBe('rag y');
    expect([maxLength, bos]).toEqual([undefined, undefined]);
  });

  test('that are not there or not right are named', async () => {
    await expect(huggingFaceTokenizer(folder)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(join(folder, 'tokenizer.json')),
    });
    await write('tokenizer.json', '{');
    await expect(huggingFaceTokenizer(folder)).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('is not JSON') });
    await write('tokenizer.json', { model: { type: 'Other' } });
    await expect(huggingFaceTokenizer(folder)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('cannot be used'),
    });
  });
});

test('what cannot be followed back to the text is refused, not guessed', async () => {
  const tokenizer = await huggingFaceTokenizer({
    tokenizer: { ...hub.byteLevel, normalizer: null, pre_tokenizer: { type: 'Replace', pattern: { String: 'a' }, content: 'zz' } },
  });
  expect(tokenizer.encode('cab').length).toBeGreaterThan(0);
  expect(() => tokenizer.encodeWithOffsets('cab')).toThrow(expect.objectContaining({ code: 'capability' }));
});
