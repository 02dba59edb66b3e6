import { byteHash } from './byte-hash.ts';
import { PairMerger } from './pair-merger.ts';
import { MOST_CACHED_BYTES, MOST_CACHED_IDS, PieceCache } from './piece-cache.ts';
import type { Scan } from './scan-parts.ts';
import type { Vocabulary } from './vocabulary.ts';

const SCRATCH_BYTES = 1 << 16;

/** ASCII that ends a word in all patterns: neither a letter nor an apostrophe. The end of the text (0) is one. */
const endsWord = new Uint8Array(256);
for (let code = 0; code < 128; code++) if (!/[A-Za-z']/.test(String.fromCharCode(code))) endsWord[code] = 1;

/**
 * Text to token ids: the text's UTF-8 is cut into pieces by the encoding's pattern, a piece that is a token is that token,
 * others are merged from their bytes. No part of it takes more than n log n.
 */
export class BytePairEncoder {
  readonly #vocabulary: Vocabulary;
  readonly #scan: Scan;
  readonly #merger: PairMerger;
  readonly #cache = new PieceCache();
  readonly #utf8 = new TextEncoder();
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  readonly #scratchView = new DataView(this.#scratch.buffer);
  /** The text that is being read. */
  #bytes = this.#scratch;
  #view = this.#scratchView;

  constructor(vocabulary: Vocabulary, scan: Scan) {
    this.#vocabulary = vocabulary;
    this.#scan = scan;
    this.#merger = new PairMerger(vocabulary);
  }

  count(text: string): number {
    const length = this.#read(text);
    let count = 0;
    for (let from = 0; from < length;) {
      const to = this.#pieceEnd(from, length);
      count +=
        to - from > MOST_CACHED_BYTES ? this.#countLong(from, to) : this.#cache.find(this.#view, from, to - from) || this.#add(from, to);
      from = to;
    }
    this.#release();
    return count;
  }

  /** Appends the ids of a text's tokens. */
  encode(text: string, ids: number[]): void {
    const length = this.#read(text);
    for (let from = 0; from < length;) {
      const to = this.#pieceEnd(from, length);
      const count = to - from > MOST_CACHED_BYTES ? 0 : this.#cache.find(this.#view, from, to - from) || this.#add(from, to);
      if (count > 0 && count <= MOST_CACHED_IDS) for (let index = 0; index < count; index++) ids.push(this.#cache.id(index));
      else this.#encodeLong(from, to, ids);
      from = to;
    }
    this.#release();
  }

  /** Short texts go into a buffer that is there; bytes after the text's are whatever they are, and are read but not used. */
  #read(text: string): number {
    if (3 * text.length + MOST_CACHED_BYTES > SCRATCH_BYTES) {
      this.#bytes = new Uint8Array(Buffer.byteLength(text) + MOST_CACHED_BYTES);
      this.#view = new DataView(this.#bytes.buffer);
    }
    return this.#utf8.encodeInto(text, this.#bytes).written;
  }

  #release(): void {
    this.#bytes = this.#scratch;
    this.#view = this.#scratchView;
  }

  /** Words of ASCII with a space before them are most of most texts, and the same in all patterns. */
  #pieceEnd(from: number, length: number): number {
    const bytes = this.#bytes;
    let at = bytes[from] === 0x20 ? from + 1 : from;
    let byte = at < length ? (bytes[at] ?? 0) : 0;
    if (byte >= 0x41 && byte <= 0x5a) byte = ++at < length ? (bytes[at] ?? 0) : 0;
    if (byte >= 0x61 && byte <= 0x7a) {
      do byte = ++at < length ? (bytes[at] ?? 0) : 0;
      while (byte >= 0x61 && byte <= 0x7a);
      if (endsWord[byte] === 1) return at;
    }
    return this.#scan(bytes, from, length);
  }

  /** Finds out about a piece that is not in the cache, and puts it in. */
  #add(from: number, to: number): number {
    const bytes = this.#bytes;
    const id = this.#vocabulary.find(bytes, from, to, byteHash(bytes, from, to));
    if (id >= 0) {
      this.#cache.store(1, id, -1, -1);
      return 1;
    }
    const merger = this.#merger;
    const count = merger.merge(bytes, from, to);
    if (count > MOST_CACHED_IDS) this.#cache.store(count, -1, -1, -1);
    else this.#cache.store(count, merger.idOf(bytes, from, 0), merger.idOf(bytes, from, 1), count > 2 ? merger.idOf(bytes, from, 2) : -1);
    return count;
  }

  #countLong(from: number, to: number): number {
    const bytes = this.#bytes;
    return this.#vocabulary.find(bytes, from, to, byteHash(bytes, from, to)) >= 0 ? 1 : this.#merger.merge(bytes, from, to);
  }

  #encodeLong(from: number, to: number, ids: number[]): void {
    const bytes = this.#bytes;
    const id = this.#vocabulary.find(bytes, from, to, byteHash(bytes, from, to));
    if (id >= 0) ids.push(id);
    else {
      const count = this.#merger.merge(bytes, from, to);
      for (let index = 0; index < count; index++) ids.push(this.#merger.idOf(bytes, from, index));
    }
  }
}
