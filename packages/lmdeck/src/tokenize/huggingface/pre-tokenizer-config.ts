import { isJsonObject, type JsonObject, type JsonValue } from '../../core/index.ts';

/** GPT-2's pattern, which a ByteLevel pre-tokenizer cuts by (openai/gpt-2, src/encoder.py). */
const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const PUNCTUATION = String.raw`[\p{P}\u0021-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u007E]`;

/** A pre-tokenizer, and what the pipeline does in its place. */
export interface PreTokenizerConfig {
  readonly config: JsonValue;
  /** A space is put before a text that does not begin with one. */
  readonly prefixSpace: boolean;
}

/**
 * The same pre-tokenizer said with regular expressions. In these the library takes `\s` and `\w` for what they are in Unicode, as the
 * Rust library does; elsewhere it takes JavaScript's, which have U+FEFF, lack U+0085, and know ASCII words only.
 */
export function preTokenizerConfig(given: JsonValue | undefined): PreTokenizerConfig {
  const [first, ...rest] = steps(given).map(withPattern);
  if (first === undefined) return { config: null, prefixSpace: false };
  // Where the text is not cut before, the space is for the text; else for every piece, which the library knows to do.
  const prefixSpace = first['type'] === 'ByteLevel' && first['add_prefix_space'] === true;
  const all = [...withoutRegex(prefixSpace ? { ...first, add_prefix_space: false } : first), ...rest.flatMap(withoutRegex)];
  return { config: all.length === 1 ? (all[0] ?? null) : { type: 'Sequence', pretokenizers: all }, prefixSpace };
}

function steps(given: JsonValue | undefined): readonly JsonObject[] {
  if (!isJsonObject(given)) return [];
  const inner = given['type'] === 'Sequence' ? given['pretokenizers'] : undefined;
  return Array.isArray(inner) ? inner.flatMap(steps) : [given];
}

function withPattern(step: JsonObject): JsonObject {
  switch (step['type']) {
    case 'WhitespaceSplit':
      return split(String.raw`\s+`, 'Removed');
    case 'Whitespace':
      return split(String.raw`\w+|[^\w\s]+`, 'Removed', true);
    case 'BertPreTokenizer':
      return { type: 'Sequence', pretokenizers: [split(String.raw`\s+`, 'Removed'), split(PUNCTUATION, 'Isolated')] };
    default:
      return step;
  }
}

function withoutRegex(step: JsonObject): readonly JsonObject[] {
  if (step['type'] !== 'ByteLevel' || step['use_regex'] === false || step['add_prefix_space'] === true) return [step];
  return [split(GPT2, 'Isolated'), { ...step, use_regex: false }];
}

function split(pattern: string, behavior: 'Removed' | 'Isolated', invert = false): JsonObject {
  return { type: 'Split', pattern: { Regex: pattern }, behavior, invert };
}
