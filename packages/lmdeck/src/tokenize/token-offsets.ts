import { utf16Offsets, type Offset } from './utf16-offsets.ts';

const SPACE = 0x20;

/**
 * Where tokens stand in the text that they were made of, from the bytes that each of them stands for: start and end in UTF-16 code
 * units. A space that a tokenizer puts before a text is not in the text, and so has no place.
 *
 * @returns `undefined` when the tokens are not this text: it was normalised, or they are of another one.
 */
export function tokenOffsets(text: string, tokens: Iterable<Uint8Array>): Offset[] | undefined {
  const bytes = new TextEncoder().encode(text);
  const lengths: number[] = [];
  let at = 0;
  for (const token of tokens) {
    const length = startsWith(bytes, at, token)
      ? token.length
      : token[0] === SPACE && startsWith(bytes, at, token.subarray(1))
        ? token.length - 1
        : -1;
    if (length < 0) return undefined;
    lengths.push(length);
    at += length;
  }
  return at === bytes.length ? utf16Offsets(text, lengths) : undefined;
}

function startsWith(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  return at + part.length <= bytes.length && part.every((byte, index) => bytes[at + index] === byte);
}
