import { didYouMean, LmdeckError } from '../../core/index.ts';
import { encodingName, encodingNames, type EncodingName } from './encoding-name.ts';
import { scanCl100k } from './scan-cl100k.ts';
import { scanGpt2 } from './scan-gpt2.ts';
import { scanO200k } from './scan-o200k.ts';
import type { Scan } from './scan-parts.ts';

/** A file of ranks. Once published it never changes, so its hash is its identity. */
export interface Ranks {
  readonly name: string;
  /** Of the published file `<name>.tiktoken`, hexadecimal. */
  readonly sha256: string;
}

/** What an encoding is made of. As openai/tiktoken has them (tiktoken_ext/openai_public.py). */
export interface Encoding {
  readonly name: EncodingName;
  readonly ranks: Ranks;
  readonly scan: Scan;
  readonly special: ReadonlyMap<string, number>;
}

const END_OF_TEXT = '<|endoftext|>';
const r50k: Ranks = { name: 'r50k_base', sha256: '306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930' };
const p50k: Ranks = { name: 'p50k_base', sha256: '94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069' };
const cl100k: Ranks = { name: 'cl100k_base', sha256: '223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7' };
const o200k: Ranks = { name: 'o200k_base', sha256: '446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d' };

const encodings: { readonly [Name in EncodingName]: () => Omit<Encoding, 'name'> } = {
  o200k_base: () => ({
    ranks: o200k,
    scan: scanO200k,
    special: new Map([
      [END_OF_TEXT, 199_999],
      ['<|endofprompt|>', 200_018],
    ]),
  }),
  o200k_harmony: () => ({ ranks: o200k, scan: scanO200k, special: harmony() }),
  cl100k_base: () => ({
    ranks: cl100k,
    scan: scanCl100k,
    special: new Map([[END_OF_TEXT, 100_257], ...fillInTheMiddle(100_258), ['<|endofprompt|>', 100_276]]),
  }),
  p50k_base: () => ({ ranks: p50k, scan: scanGpt2, special: new Map([[END_OF_TEXT, 50_256]]) }),
  p50k_edit: () => ({
    ranks: p50k,
    scan: scanGpt2,
    special: new Map([[END_OF_TEXT, 50_256], ...fillInTheMiddle(50_281)]),
  }),
  r50k_base: () => ({ ranks: r50k, scan: scanGpt2, special: new Map([[END_OF_TEXT, 50_256]]) }),
  gpt2: () => ({ ranks: r50k, scan: scanGpt2, special: new Map([[END_OF_TEXT, 50_256]]) }),
};

function fillInTheMiddle(first: number): [string, number][] {
  return ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>'].map((text, index) => [text, first + index]);
}

function harmony(): Map<string, number> {
  const named: Readonly<Record<number, string>> = {
    200_002: '<|return|>',
    200_003: '<|constrain|>',
    200_005: '<|channel|>',
    200_006: '<|start|>',
    200_007: '<|end|>',
    200_008: '<|message|>',
    200_012: '<|call|>',
  };
  const special = new Map([
    ['<|startoftext|>', 199_998],
    [END_OF_TEXT, 199_999],
  ]);
  for (let id = 200_000; id < 201_088; id++) special.set(named[id] ?? `<|reserved_${id}|>`, id);
  // This id has two texts; the last one is what it is decoded to.
  return special.set('<|endofprompt|>', 200_018);
}

/**
 * The encoding of this name, or of the model of this name (`gpt-5-mini`, also `openai/gpt-5-mini` and fine-tuned `ft:gpt-4o:…`).
 * @throws LmdeckError `usage` when neither is known.
 */
export function encodingOf(name: string): Encoding {
  const found = encodingName(name);
  if (found !== undefined) return { name: found, ...encodings[found]() };
  throw new LmdeckError(
    'usage',
    `No tiktoken encoding is known for "${name}".${didYouMean(name, encodingNames)} There are ${encodingNames.join(', ')}.`,
  );
}
