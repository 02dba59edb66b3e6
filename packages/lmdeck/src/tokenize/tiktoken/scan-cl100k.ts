import { BLANK, LETTER, NEWLINE, NUMBER, MARK, SYMBOL, charLength, classAt, skip } from './char-class.ts';
import { contraction, lines, symbols, upToThreeNumbers } from './scan-parts.ts';

/**
 * The pattern of cl100k_base (openai/tiktoken, tiktoken_ext/openai_public.py):
 *
 *     '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s
 */
export function scanCl100k(bytes: Uint8Array, from: number, to: number): number {
  const first = classAt(bytes, from, to);
  if ((first & LETTER) !== 0) return skip(bytes, from, to, LETTER);
  if (first === NUMBER) return upToThreeNumbers(bytes, from, to);
  const second = from + charLength(bytes[from] ?? 0);
  if (first !== NEWLINE) {
    const short = contraction(bytes, from, to);
    if (short > from) return short;
    const next = classAt(bytes, second, to);
    if ((next & LETTER) !== 0) return skip(bytes, second, to, LETTER);
    if ((first & (SYMBOL | MARK)) !== 0 || (bytes[from] === 0x20 && (next & (SYMBOL | MARK)) !== 0))
      return skip(bytes, symbols(bytes, second, to), to, NEWLINE);
  }
  return untilEnd(bytes, from, to) || lines(bytes, from, to);
}

/** `\s++$`; 0 when it does not match. */
function untilEnd(bytes: Uint8Array, from: number, to: number): number {
  return skip(bytes, from, to, BLANK) === to ? to : 0;
}
