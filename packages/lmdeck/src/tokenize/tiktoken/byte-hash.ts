/**
 * A polynomial over the bytes, modulo 2^32: the hash of a part follows from the hashes of what comes before its two ends,
 * so every pair of neighbours in a word is looked up without reading its bytes again.
 */
const HASH_FACTOR = 0x0100_0193;

/** The hash of `bytes[from…to)`. */
export function byteHash(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) hash = (Math.imul(hash, HASH_FACTOR) + (bytes[at] ?? 0) + 1) | 0;
  return hash;
}

/** Hashes of all parts of a text. */
export class PrefixHashes {
  #hashes = new Int32Array(257);
  #powers = Int32Array.of(1);

  /** Takes the text in; parts of it are counted from `from`. */
  read(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.#hashes.length <= length) this.#hashes = new Int32Array(2 * length + 1);
    if (this.#powers.length <= length) this.#powers = powers(this.#hashes.length);
    const hashes = this.#hashes;
    let hash = 0;
    for (let at = 0; at < length; at++) {
      hash = (Math.imul(hash, HASH_FACTOR) + (bytes[from + at] ?? 0) + 1) | 0;
      hashes[at + 1] = hash;
    }
  }

  /** What {@link byteHash} gives for this part. */
  part(start: number, end: number): number {
    return ((this.#hashes[end] ?? 0) - Math.imul(this.#hashes[start] ?? 0, this.#powers[end - start] ?? 0)) | 0;
  }
}

function powers(count: number): Int32Array<ArrayBuffer> {
  const found = new Int32Array(count);
  found[0] = 1;
  for (let at = 1; at < count; at++) found[at] = Math.imul(found[at - 1] ?? 0, HASH_FACTOR);
  return found;
}

/** Place of a hash in a table of 2^bits. */
export function slotOf(hash: number, bits: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) >>> (32 - bits);
}
