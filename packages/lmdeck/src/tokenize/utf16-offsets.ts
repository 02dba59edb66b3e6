/** Where a token's text begins and ends, in UTF-16 code units. */
export type Offset = readonly [start: number, end: number];

/**
 * Where tokens stand in a text, from the number of UTF-8 bytes that each of them covers; the tokens together cover the whole text.
 * A token that has only some bytes of a character gets that character's place.
 */
export function utf16Offsets(text: string, byteLengths: Iterable<number>): Offset[] {
  const offsets: Offset[] = [];
  const place = new CharacterPlace(text);
  let byte = 0;
  for (const length of byteLengths) {
    place.advance(byte);
    const start = place.start;
    byte += length;
    if (length > 0) place.advance(byte - 1);
    offsets.push([start, length > 0 ? place.end : start]);
  }
  return offsets;
}

/** Goes over the characters of a text, counting bytes and code units. A lone surrogate is U+FFFD, three bytes. */
class CharacterPlace {
  readonly #text: string;
  /** Code units before the character. */
  start = 0;
  #units = 0;
  #byte = 0;
  #bytes = 0;

  constructor(text: string) {
    this.#text = text;
    this.#read();
  }

  /** Code units up to and including the character. */
  get end(): number {
    return this.start + this.#units;
  }

  /** To the character that has this byte. */
  advance(byte: number): void {
    while (byte >= this.#byte + this.#bytes && this.start < this.#text.length) {
      this.start += this.#units;
      this.#byte += this.#bytes;
      this.#read();
    }
  }

  #read(): void {
    const code = this.#text.codePointAt(this.start);
    this.#units = code === undefined ? 0 : code > 0xffff ? 2 : 1;
    this.#bytes = code === undefined ? 0 : code < 0x80 ? 1 : code < 0x800 ? 2 : code > 0xffff ? 4 : 3;
  }
}
