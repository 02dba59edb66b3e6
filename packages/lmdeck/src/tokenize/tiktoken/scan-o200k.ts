import {
  LETTER,
  LOWER,
  MARK,
  NEWLINE,
  NUMBER,
  OTHER_LETTER,
  SPACE,
  SYMBOL,
  UPPER,
  asciiClass,
  charLength,
  classAt,
  skip,
} from './char-class.ts';
import { contraction, lines, symbols, upToThreeNumbers } from './scan-parts.ts';

/** Characters that stand for both cases. */
const CASELESS = OTHER_LETTER | MARK;

/**
 * The pattern of o200k_base (openai/tiktoken, tiktoken_ext/openai_public.py), `P` for its optional first character and `C` for contractions:
 *
 *     P?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+C?|P?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*C?
 *     |\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+        P = [^\r\n\p{L}\p{N}]
 */
export function scanO200k(bytes: Uint8Array, from: number, to: number): number {
  return scanAscii(bytes, from, to) || scanAny(bytes, from, to);
}

function scanAny(bytes: Uint8Array, from: number, to: number): number {
  const first = classAt(bytes, from, to);
  if ((first & LETTER) !== 0) return word(bytes, from, to);
  if (first === NUMBER) return upToThreeNumbers(bytes, from, to);
  const second = from + charLength(bytes[from] ?? 0);
  if (first !== NEWLINE) {
    const next = classAt(bytes, second, to);
    // A mark can be the first character of a word or the one before it; the latter is tried first, but only for the first alternative.
    if (first === MARK) return contraction(bytes, mixedCase(bytes, second, to) || second, to);
    if ((next & (LETTER | MARK)) !== 0) return word(bytes, second, to);
    if (first === SYMBOL) return withBreaks(bytes, symbols(bytes, second, to), to);
    if (next === SYMBOL && bytes[from] === 0x20) return withBreaks(bytes, symbols(bytes, second, to), to);
  }
  return lines(bytes, from, to);
}

function word(bytes: Uint8Array, from: number, to: number): number {
  return contraction(bytes, mixedCase(bytes, from, to) || skip(bytes, from, to, UPPER), to);
}

/** `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`; 0 when it does not match. */
function mixedCase(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  // Where the pattern goes back to when no lower case follows.
  let afterCaseless = 0;
  for (;;) {
    at = skip(bytes, at, to, UPPER);
    const next = classAt(bytes, at, to);
    if (next === LOWER) return skip(bytes, at, to, LOWER | CASELESS);
    if ((next & CASELESS) === 0) return afterCaseless;
    at = skip(bytes, at, to, CASELESS);
    afterCaseless = at;
  }
}

/** `[\r\n/]*` */
function withBreaks(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x2f)) at++;
  return at;
}

/** The same for ASCII, which is most of the world's prompts: 1.5 times as fast. 0 when another character has a say. */
function scanAscii(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  let first = asciiClass[bytes[at] ?? 0] ?? 0;
  if (first >= SPACE && at + 1 < to) {
    const next = asciiClass[bytes[at + 1] ?? 0] ?? 0;
    if (next <= LOWER) {
      first = next;
      at++;
    }
  }
  if (first === 0) return 0;
  if (first <= LOWER) {
    while (at < to && asciiClass[bytes[at] ?? 0] === UPPER) at++;
    while (at < to && asciiClass[bytes[at] ?? 0] === LOWER) at++;
    if (at === to) return at;
    const next = bytes[at] ?? 0;
    if (next >= 0x80) return 0;
    return next === 0x27 ? contraction(bytes, at, to) : at;
  }
  if (first === NUMBER) {
    const most = Math.min(to, from + 3);
    while (at < most && asciiClass[bytes[at] ?? 0] === NUMBER) at++;
    return at < most && (bytes[at] ?? 0) >= 0x80 ? 0 : at;
  }
  if (first === SYMBOL || (bytes[at] === 0x20 && at + 1 < to && asciiClass[bytes[at + 1] ?? 0] === SYMBOL)) {
    at++;
    while (at < to && asciiClass[bytes[at] ?? 0] === SYMBOL) at++;
    if (at < to && (bytes[at] ?? 0) >= 0x80) return 0;
    return withBreaks(bytes, at, to);
  }
  return lines(bytes, from, to);
}
