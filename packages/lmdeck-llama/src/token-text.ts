import type { LlamaModel, Token } from 'node-llama-cpp';

/** A UTF-8 character has at most four bytes, so this many byte tokens can wait for its end. */
const MOST_WAITING = 4;
const CONTEXT_TOKENS = 4;

/**
 * Turns tokens into text as they come. A token can be a part of a character: such tokens wait until the character is whole,
 * so no U+FFFD ever appears in a stream of pieces.
 */
export class TokenText {
  readonly #model: LlamaModel;
  readonly #visible: (token: Token) => string | undefined;
  #before: Token[];
  #waiting: Token[] = [];

  /**
   * @param visible the text of control tokens that must be seen (openings of tool calls); others have no text.
   * @param before the last tokens of the prompt: some tokenizers add a space only at the beginning.
   */
  constructor(model: LlamaModel, visible: (token: Token) => string | undefined, before: readonly Token[]) {
    this.#model = model;
    this.#visible = visible;
    this.#before = before.slice(-CONTEXT_TOKENS);
  }

  push(token: Token): string {
    const shown = this.#visible(token);
    if (shown !== undefined) {
      const text = this.end() + shown;
      this.#before = [token];
      return text;
    }
    this.#waiting.push(token);
    const text = this.#model.detokenize(this.#waiting, false, this.#before);
    if (text.endsWith('\uFFFD') && this.#waiting.length < MOST_WAITING) return '';
    this.#before = [...this.#before, ...this.#waiting].slice(-CONTEXT_TOKENS);
    this.#waiting = [];
    return text;
  }

  /** What waits when no more tokens come, without the bytes of a character that was cut off. */
  end(): string {
    if (this.#waiting.length === 0) return '';
    const text = this.#model.detokenize(this.#waiting, false, this.#before);
    this.#waiting = [];
    return text.replace(/\uFFFD+$/, '');
  }
}
