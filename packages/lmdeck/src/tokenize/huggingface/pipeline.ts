import { LmdeckError, type JsonValue } from '../../core/index.ts';
import type { Offset } from '../utf16-offsets.ts';
import { AddedTokens, type AddedToken, type Section } from './added-tokens.ts';
import { AlignedText } from './aligned-text.ts';
import { alignedNormalizer, isBert } from './aligned-normalizer.ts';
import type { HubTokenizer } from './hub-library.ts';
import { alignedPieces } from './aligned-pieces.ts';
import { tokenRanges } from './token-ranges.ts';
import type { Surface } from './token-surface.ts';

/** A token and where it stands. */
export interface PlacedToken {
  readonly id: number;
  readonly offset: Offset;
}

/** What the pipeline does itself, and not the library. */
export interface PipelineOptions {
  /** The normaliser's configuration. */
  readonly normalizer: JsonValue | undefined;
  /** A space is put before a text that does not begin with one. */
  readonly prefixSpace: boolean;
}

/**
 * The steps from text to tokens, with the library's parts put together as in the Rust library: added tokens, normaliser, added tokens that
 * are looked for after it, pre-tokenizer, model.
 */
export class Pipeline {
  readonly #name: string;
  readonly #library: HubTokenizer;
  readonly #surface: Surface;
  readonly #before: AddedTokens;
  readonly #after: AddedTokens;
  readonly #align: (text: AlignedText) => AlignedText;
  readonly #normalize: (text: string) => string;
  readonly #prefixSpace: boolean;

  constructor(name: string, library: HubTokenizer, added: readonly AddedToken[], surface: Surface, options: PipelineOptions) {
    this.#name = name;
    this.#library = library;
    this.#surface = surface;
    this.#prefixSpace = options.prefixSpace;
    const align = alignedNormalizer(options.normalizer, library.normalizer);
    this.#align = align;
    this.#normalize = isBert(options.normalizer)
      ? (text): string => align(AlignedText.of(text, 0)).text
      : (library.normalizer ?? ((text): string => text));
    const isAfter = (token: AddedToken): boolean => token.normalized && library.normalizer !== null;
    this.#before = new AddedTokens(
      added.filter((token) => !isAfter(token)),
      (token) => token.content,
    );
    this.#after = new AddedTokens(added.filter(isAfter), (token) => this.#normalize(token.content));
  }

  /** Appends the ids of a text's tokens. */
  encode(text: string, special: boolean, ids: number[]): void {
    for (const section of this.#before.split(text, special)) {
      if (section.token !== undefined) {
        ids.push(section.token.id);
        continue;
      }
      const part = text.slice(section.start, section.end);
      const normalized = this.#normalize(part);
      for (const inner of this.#after.split(normalized, special)) {
        if (inner.token !== undefined) ids.push(inner.token.id);
        else
          for (const piece of this.#pieces(normalized.slice(inner.start, inner.end), section, inner))
            for (const token of this.#library.model([piece])) ids.push(this.#idOf(token));
      }
    }
  }

  /**
   * The tokens with their places.
   * @throws LmdeckError `capability` when the places cannot be told.
   */
  place(text: string, special: boolean): PlacedToken[] {
    const placed: PlacedToken[] = [];
    for (const section of this.#before.split(text, special)) {
      const { token, start, end } = section;
      if (token !== undefined) {
        placed.push({ id: token.id, offset: [start, end] });
        continue;
      }
      const aligned = this.#aligned(text.slice(start, end), start);
      for (const inner of this.#after.split(aligned.text, special)) {
        if (inner.token === undefined) this.#placePieces(aligned.slice(inner.start, inner.end), section, inner, placed);
        else placed.push({ id: inner.token.id, offset: aligned.origin(inner.start, inner.end) });
      }
    }
    return placed;
  }

  #placePieces(part: AlignedText, section: Section, inner: Section, placed: PlacedToken[]): void {
    const pieces = this.#pieces(part.text, section, inner);
    for (const [piece, place] of alignedPieces(part, pieces, this.#surface) ?? this.#lost('what its pre-tokenizer does')) {
      const tokens = this.#library.model([piece]);
      const ranges = tokenRanges(piece, tokens, this.#surface, this.#library.model) ?? this.#lost('what its model does');
      for (const [index, [start, end]] of ranges.entries()) placed.push({ id: this.#idOf(tokens[index] ?? ''), offset: place(start, end) });
    }
  }

  #aligned(text: string, start: number): AlignedText {
    const original = AlignedText.of(text, start);
    const expected = this.#normalize(text);
    if (expected === text) return original;
    const aligned = this.#align(original);
    return aligned.text === expected ? aligned : this.#lost('what its normalizer does');
  }

  /** Only what begins the text gets the space that some pre-tokenizers put there. */
  #pieces(part: string, section: Section, inner: Section): readonly string[] {
    const { pre_tokenizer: split } = this.#library;
    const text = this.#prefixSpace && !part.startsWith(' ') ? ` ${part}` : part;
    return split === null ? [text] : split(text, { section_index: section.start === 0 && inner.start === 0 ? 0 : 1 });
  }

  #idOf(token: string): number {
    const { model } = this.#library;
    const id = model.tokens_to_ids.get(token) ?? model.unk_token_id;
    if (id !== undefined && id !== null) return id;
    throw new LmdeckError('invalid-request', `${this.#name}: it has no token for ${JSON.stringify(token)}, and none for unknown text.`);
  }

  #lost(what: string): never {
    throw new LmdeckError(
      'capability',
      `${this.#name}: where the tokens of this text stand cannot be told, because ${what} cannot be followed back to the text. Use encode.`,
    );
  }
}
