import { SpecialTokens } from '../special-tokens.ts';

/** A token outside of the model's vocabulary, or one that is looked for before the model sees the text. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  /** Looked for in the normalised text. */
  readonly normalized: boolean;
  readonly singleWord: boolean;
  /** Takes the white space before it in. */
  readonly lstrip: boolean;
  /** Takes the white space after it in. */
  readonly rstrip: boolean;
}

const SPACE = /\p{White_Space}/u;
const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]/u;

/** A part of a text; `token` is there when it is one. */
export interface Section {
  readonly start: number;
  readonly end: number;
  readonly token?: AddedToken;
}

/**
 * Finds added tokens in a text as the Rust library does (tokenizers/src/tokenizer/added_vocabulary.rs): from left to right, the longest
 * first; one that does not count (in a word, special but not asked for) is text, and so is what it overlaps.
 */
export class AddedTokens {
  readonly #tokens: ReadonlyMap<number, AddedToken>;
  readonly #finder: SpecialTokens;

  /** @param textOf what is looked for. */
  constructor(tokens: readonly AddedToken[], textOf: (token: AddedToken) => string) {
    this.#tokens = new Map(tokens.map((token) => [token.id, token]));
    this.#finder = new SpecialTokens(new Map(tokens.map((token) => [textOf(token), token.id])));
  }

  split(text: string, special: boolean): Section[] {
    const sections: Section[] = [];
    let done = 0;
    let at = 0;
    for (const piece of this.#finder.split(text)) {
      const start = at;
      at += typeof piece === 'string' ? piece.length : (this.#finder.text(piece)?.length ?? 0);
      const token = typeof piece === 'string' ? undefined : this.#tokens.get(piece);
      if (token === undefined || (token.special && !special)) continue;
      if (token.singleWord && (WORD.test(lastChar(text, start)) || WORD.test(firstChar(text, at)))) continue;
      let from = start;
      let to = at;
      // White space is one code unit each.
      if (token.lstrip) while (from > done && SPACE.test(text.charAt(from - 1))) from--;
      if (token.rstrip) while (to < text.length && SPACE.test(text.charAt(to))) to++;
      if (from > done) sections.push({ start: done, end: from });
      sections.push({ start: from, end: to, token });
      done = to;
    }
    if (done < text.length) sections.push({ start: done, end: text.length });
    return sections;
  }
}

function firstChar(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function lastChar(text: string, end: number): string {
  const code = text.codePointAt(end - 2);
  return code !== undefined && code > 0xffff ? String.fromCodePoint(code) : text.charAt(end - 1);
}
