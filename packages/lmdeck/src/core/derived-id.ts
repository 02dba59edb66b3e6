import { sha256 } from './sha256.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A ULID that is always the same for the same time (milliseconds since 1970) and content: what is taken over twice names the
 * same call. Its 80 random bits are the first ones of the content's SHA-256.
 */
export function derivedId(timeMs: number, content: string): string {
  let id = '';
  for (let rest = Math.max(0, Math.floor(timeMs)), i = 0; i < 10; i++) {
    id = (ALPHABET[rest % 32] ?? '0') + id;
    rest = Math.floor(rest / 32);
  }
  const digits = sha256(content).slice(0, 20);
  // Five hex digits are four letters.
  for (let i = 0; i < digits.length; i += 5) {
    const bits = Number.parseInt(digits.slice(i, i + 5), 16);
    for (let shift = 15; shift >= 0; shift -= 5) id += ALPHABET[(bits >> shift) & 31] ?? '0';
  }
  return id;
}
