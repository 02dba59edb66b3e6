/** Finds special tokens in texts. */
export class SpecialTokens {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #texts: ReadonlyMap<number, string>;
  /** What all of them begin with: usually `<|` or `<`. */
  readonly #prefix: string;
  /** Longest first, so that of two tokens that begin alike the longer one is found. */
  readonly #lengths: readonly number[];

  /** @param ids ids by text. */
  constructor(ids: ReadonlyMap<string, number>) {
    const texts = [...ids.keys()].filter((text) => text !== '');
    this.#ids = ids;
    this.#texts = new Map(Array.from(ids, ([text, id]) => [id, text]));
    this.#prefix = commonPrefix(texts);
    this.#lengths = [...new Set(texts.map((text) => text.length))].sort((a, b) => b - a);
  }

  has(id: number): boolean {
    return this.#texts.has(id);
  }

  text(id: number): string | undefined {
    return this.#texts.get(id);
  }

  id(text: string): number | undefined {
    return this.#ids.get(text);
  }

  /** The text in pieces: ids of special tokens, and what stands between them. No piece is empty. */
  *split(text: string): Generator<string | number, void> {
    let done = 0;
    if (this.#lengths.length > 0) {
      for (let at = text.indexOf(this.#prefix); at >= 0 && at < text.length; at = text.indexOf(this.#prefix, at)) {
        const found = this.#at(text, at);
        if (found === undefined) {
          at++;
          continue;
        }
        if (at > done) yield text.slice(done, at);
        yield found.id;
        at += found.length;
        done = at;
      }
    }
    if (done < text.length) yield text.slice(done);
  }

  #at(text: string, at: number): { readonly id: number; readonly length: number } | undefined {
    for (const length of this.#lengths) {
      const id = this.#ids.get(text.slice(at, at + length));
      if (id !== undefined) return { id, length };
    }
    return undefined;
  }
}

function commonPrefix(texts: readonly string[]): string {
  const [first = '', ...rest] = texts;
  let length = first.length;
  for (const text of rest) {
    let same = 0;
    while (same < length && text[same] === first[same]) same++;
    length = same;
  }
  return first.slice(0, length);
}
