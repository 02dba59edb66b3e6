/** What the patterns of the encodings tell apart: one bit each, so that several classes together are one number too. */
export const UPPER = 1; // \p{Lu} \p{Lt}
export const LOWER = 2; // \p{Ll}
export const OTHER_LETTER = 4; // \p{Lm} \p{Lo}
export const MARK = 8; // \p{M}: no letter, but part of words in o200k
export const NUMBER = 16; // \p{N}
export const NEWLINE = 32; // \r \n
export const SPACE = 64; // other white space
export const SYMBOL = 128; // everything else

export const LETTER: number = UPPER | LOWER | OTHER_LETTER;
export const BLANK: number = NEWLINE | SPACE;

/** Classes of code points, found out when they first come up; 0 is not known yet. */
const known = new Uint8Array(0x11_0000);

/** Class of every ASCII byte; 0 for the bytes of longer characters. */
export const asciiClass: Uint8Array = new Uint8Array(256);
for (let code = 0; code < 128; code++) asciiClass[code] = classify(code);

/** The class of the character that begins at byte `at` of well-formed UTF-8; 0 at the end. */
export function classAt(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return 0;
  return asciiClass[bytes[at] ?? 0] || classOf(bytes, at);
}

/** Where the run of characters of these classes ends that begins at `at`. */
export function skip(bytes: Uint8Array, at: number, end: number, classes: number): number {
  let next = at;
  while (next < end) {
    const byte = bytes[next] ?? 0;
    if (((asciiClass[byte] || classOf(bytes, next)) & classes) === 0) break;
    next += charLength(byte);
  }
  return next;
}

/** How many bytes the character has that begins with `first`. */
export function charLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function classOf(bytes: Uint8Array, at: number): number {
  const codePoint = codePointAt(bytes, at);
  const found = known[codePoint] ?? 0;
  return found === 0 ? (known[codePoint] = classify(codePoint)) : found;
}

function codePointAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return first;
  const second = (bytes[at + 1] ?? 0) & 0x3f;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  const third = (bytes[at + 2] ?? 0) & 0x3f;
  if (first < 0xf0) return ((first & 0x0f) << 12) | (second << 6) | third;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | ((bytes[at + 3] ?? 0) & 0x3f);
}

function classify(codePoint: number): number {
  const char = String.fromCodePoint(codePoint);
  if (/\p{Ll}/u.test(char)) return LOWER;
  if (/[\p{Lu}\p{Lt}]/u.test(char)) return UPPER;
  if (/\p{L}/u.test(char)) return OTHER_LETTER;
  if (/\p{M}/u.test(char)) return MARK;
  if (/\p{N}/u.test(char)) return NUMBER;
  if (/[\r\n]/.test(char)) return NEWLINE;
  // The patterns' \s is Unicode's; that of JavaScript has U+FEFF too and lacks U+0085.
  return /\p{White_Space}/u.test(char) ? SPACE : SYMBOL;
}
