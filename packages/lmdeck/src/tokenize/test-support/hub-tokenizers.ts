import type { JsonObject } from '../../core/index.ts';

const special = (id: number, content: string): JsonObject => ({ id, content, special: true, normalized: false });
const ids = (tokens: readonly string[]): JsonObject => Object.fromEntries(tokens.map((token, id) => [token, id]));

/** The characters that stand for bytes in byte-level tokens, in the order of the bytes. */
const alphabet: readonly string[] = (() => {
  let hidden = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const isHidden = byte < 0x21 || (byte > 0x7e && byte < 0xa1) || byte === 0xad;
    return String.fromCharCode(isHidden ? 256 + hidden++ : byte);
  });
})();

const merges: readonly (readonly [string, string])[] = [
  ['h', 'e'],
  ['l', 'l'],
  ['he', 'll'],
  ['hell', 'o'],
  ['Ġ', 'w'],
  ['o', 'r'],
  ['Ġw', 'or'],
  ['Ã', '©'],
];
const byteVocab = [...alphabet, ...merges.map(([left, right]) => left + right)];

/** Like that of Llama 3: byte-level, cut by a pattern, NFC, a begin token. */
export const byteLevel: JsonObject = {
  added_tokens: [
    special(264, '<|begin|>'),
    special(265, '<|end|>'),
    { id: 266, content: '<mask>', special: false, normalized: false, lstrip: true },
    { id: 267, content: 'cat', special: false, normalized: false, single_word: true },
  ],
  normalizer: { type: 'NFC' },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      {
        type: 'Split',
        pattern: { Regex: String.raw`[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` },
        behavior: 'Isolated',
        invert: false,
      },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ],
  },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<|begin|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '<|begin|>': { id: '<|begin|>', ids: [264], tokens: ['<|begin|>'] } },
  },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: ids(byteVocab),
    merges,
  },
};

/** Like that of GPT-2 in RoBERTa: the text gets a space before it. */
export const prefixSpace: JsonObject = {
  ...byteLevel,
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  post_processor: {
    type: 'RobertaProcessing',
    sep: ['<|end|>', 265],
    cls: ['<|begin|>', 264],
    trim_offsets: false,
    add_prefix_space: true,
  },
};

const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
const pieces = ['▁', 'h', 'e', 'l', 'o', 'w', 'r', 'd', 'he', 'll', 'hell', 'hello', '▁hello', '▁w', 'or', '▁wor', 'ld', '▁world'];

/** Like that of Llama 2: SentencePiece's BPE, bytes for what it does not know. */
export const byteFallback: JsonObject = {
  added_tokens: [special(0, '<unk>'), special(1, '<s>'), special(2, '</s>')],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: '<unk>',
    fuse_unk: true,
    byte_fallback: true,
    ignore_merges: false,
    vocab: ids(['<unk>', '<s>', '</s>', ...bytes, ...pieces]),
    merges: [
      ['h', 'e'],
      ['l', 'l'],
      ['he', 'll'],
      ['hell', 'o'],
      ['▁', 'hello'],
      ['▁', 'w'],
      ['o', 'r'],
      ['▁w', 'or'],
      ['l', 'd'],
      ['▁wor', 'ld'],
    ],
  },
};

/** Like that of BERT: lower case without accents, parts of words. */
export const wordPiece: JsonObject = {
  added_tokens: [special(0, '[UNK]'), special(1, '[CLS]'), special(2, '[SEP]')],
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1] },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: ids(['[UNK]', '[CLS]', '[SEP]', 'cafe', 'token', '##ize', '##s', ',', '世', '界', '!']),
  },
};

/** Like that of T5: SentencePiece's unigrams. */
export const unigram: JsonObject = {
  added_tokens: [special(0, '<unk>')],
  normalizer: { type: 'Sequence', normalizers: [{ type: 'NFKC' }, { type: 'Lowercase' }] },
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
  post_processor: null,
  decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
  model: {
    type: 'Unigram',
    unk_id: 0,
    byte_fallback: false,
    vocab: [
      ['<unk>', 0],
      ['▁', -2],
      ['▁hello', -3],
      ['▁wor', -4],
      ['ld', -4.5],
      ['a', -6],
      ['b', -6],
      ['ab', -5],
      ['1', -5],
    ],
  },
};
