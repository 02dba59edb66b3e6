import { LETTER, MARK, NUMBER, SYMBOL, charLength, classAt, skip } from './char-class.ts';
import { blanks, symbols } from './scan-parts.ts';

const CONTRACTIONS = ["'s", "'d", "'m", "'t", "'ll", "'ve", "'re"].map((text) => new TextEncoder().encode(text));

/**
 * The pattern of GPT-2, r50k_base and p50k_base (openai/tiktoken, tiktoken_ext/openai_public.py):
 *
 *     '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s
 */
export function scanGpt2(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] === 0x27) {
    const found = CONTRACTIONS.find((each) => from + each.length <= to && each.every((byte, index) => bytes[from + index] === byte));
    if (found !== undefined) return from + found.length;
  }
  const at = bytes[from] === 0x20 ? from + 1 : from;
  const first = classAt(bytes, at, to);
  if ((first & LETTER) !== 0) return skip(bytes, at + charLength(bytes[at] ?? 0), to, LETTER);
  if (first === NUMBER) return skip(bytes, at, to, NUMBER);
  if ((first & (SYMBOL | MARK)) !== 0) return symbols(bytes, at, to);
  return blanks(bytes, from, to);
}
