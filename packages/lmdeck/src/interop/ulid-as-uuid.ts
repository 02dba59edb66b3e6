const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** The 128 bits of a ULID as a UUID, for programs that know calls by one. */
export function ulidAsUuid(id: string): string {
  let bits = 0n;
  for (const letter of id.toLowerCase()) bits = bits * 32n + BigInt(Math.max(0, ALPHABET.indexOf(letter)));
  const hex = BigInt.asUintN(128, bits).toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
