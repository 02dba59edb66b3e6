import { BLANK, NEWLINE, NUMBER, SYMBOL, MARK, charLength, classAt, skip } from './char-class.ts';

/** Finds where the piece ends that begins at byte `from` of well-formed UTF-8 (`from < to`), as the encoding's pattern would. */
export type Scan = (bytes: Uint8Array, from: number, to: number) => number;

/** `\p{N}{1,3}` */
export function upToThreeNumbers(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (let count = 0; count < 3 && classAt(bytes, at, to) === NUMBER; count++) at += charLength(bytes[at] ?? 0);
  return at;
}

/** `[^\s\p{L}\p{N}]+` */
export function symbols(bytes: Uint8Array, from: number, to: number): number {
  return skip(bytes, from, to, SYMBOL | MARK);
}

/** `\s+(?!\S)|\s+`: white space up to the end of the text, or all of it but its last character, which leads the next piece. */
export function blanks(bytes: Uint8Array, from: number, to: number): number {
  const end = skip(bytes, from, to, BLANK);
  if (end === to) return end;
  const last = lastCharacter(bytes, end);
  return last === from ? end : last;
}

/** `\s*[\r\n]+|` and then {@link blanks}: white space up to its last line break, if it has one. */
export function lines(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  let afterBreak = from;
  for (;;) {
    const found = classAt(bytes, at, to);
    if ((found & BLANK) === 0) break;
    at += charLength(bytes[at] ?? 0);
    if (found === NEWLINE) afterBreak = at;
  }
  return afterBreak === from ? blanks(bytes, from, to) : afterBreak;
}

/**
 * `(?i:'s|'t|'re|'ve|'m|'ll|'d)` at byte `at`: where it ends; `at` when there is none. Without regard to case ſ (U+017F) is an s too.
 */
export function contraction(bytes: Uint8Array, at: number, to: number): number {
  if (at + 1 >= to || bytes[at] !== 0x27) return at;
  const first = (bytes[at + 1] ?? 0) | 0x20;
  if (first === 0x73 || first === 0x74 || first === 0x6d || first === 0x64) return at + 2;
  if (at + 2 >= to) return at;
  const second = (bytes[at + 2] ?? 0) | 0x20;
  if (second === 0x65 && (first === 0x72 || first === 0x76)) return at + 3;
  if (second === 0x6c && first === 0x6c) return at + 3;
  return bytes[at + 1] === 0xc5 && bytes[at + 2] === 0xbf ? at + 3 : at;
}

function lastCharacter(bytes: Uint8Array, end: number): number {
  let at = end - 1;
  while (((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}
