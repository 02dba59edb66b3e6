import { LmdeckError } from '../../core/index.ts';

const DIGITS = new Uint8Array(256).fill(0xff);
Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (char, value) => (DIGITS[char.charCodeAt(0)] = value));
const SPACE = 0x20;
const LINE_FEED = 0x0a;
const PADDING = 0x3d;
DIGITS[PADDING] = 0;

/** Tokens in the order of their ranks, see `VocabularyArrays`. */
export interface RankedTokens {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offsets: Int32Array<ArrayBuffer>;
}

/**
 * Reads a `.tiktoken` file: on each line a token in base64, a space and its rank. Ranks go up; one that is left out is an empty
 * token. By hand, because 200,000 calls of a base64 function take three times as long.
 */
export function parseRanks(file: Uint8Array): RankedTokens {
  const bytes = new Uint8Array(file.length);
  const offsets: number[] = [];
  let length = 0;
  let at = 0;
  while (at < file.length) {
    const start = length;
    while (at < file.length && file[at] !== SPACE) {
      const third = file[at + 2] ?? PADDING;
      const fourth = file[at + 3] ?? PADDING;
      const group = (digit(file[at]) << 18) | (digit(file[at + 1]) << 12) | (digit(third) << 6) | digit(fourth);
      bytes[length++] = group >>> 16;
      if (third !== PADDING) bytes[length++] = group >>> 8;
      if (fourth !== PADDING) bytes[length++] = group;
      at += 4;
    }
    let rank = 0;
    for (at++; at < file.length && file[at] !== LINE_FEED; at++) rank = 10 * rank + ((file[at] ?? 0) - 0x30);
    at++;
    if (!(rank >= offsets.length))
      throw new LmdeckError('config', `Rank ${rank} comes after rank ${offsets.length - 1}: it is not a tiktoken file.`);
    while (offsets.length <= rank) offsets.push(start);
  }
  offsets.push(length);
  return { bytes: bytes.slice(0, length), offsets: Int32Array.from(offsets) };
}

function digit(char: number | undefined): number {
  const value = DIGITS[char ?? 0] ?? 0xff;
  if (value === 0xff) throw new LmdeckError('config', 'The ranks have a character that is not base64: it is not a tiktoken file.');
  return value;
}
