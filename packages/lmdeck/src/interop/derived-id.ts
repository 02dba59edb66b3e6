import { sha256 } from '../core/index.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A ULID that is always the same for the same time (milliseconds since 1970) and content: importing a row twice names the
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

/** The 128 bits of a ULID as a UUID, for programs that know calls by one. */
export function ulidAsUuid(id: string): string {
  let bits = 0n;
  for (const letter of id.toLowerCase()) bits = bits * 32n + BigInt(Math.max(0, ALPHABET.indexOf(letter)));
  const hex = BigInt.asUintN(128, bits).toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
