import type { Offset } from '../utf16-offsets.ts';

/** A text that was made from another one, with the place that each of its code units comes from. */
export class AlignedText {
  readonly text: string;
  readonly #starts: readonly number[] | undefined;
  readonly #ends: readonly number[] | undefined;
  readonly #shift: number;

  private constructor(text: string, shift: number, starts?: readonly number[], ends?: readonly number[]) {
    this.text = text;
    this.#shift = shift;
    this.#starts = starts;
    this.#ends = ends;
  }

  /** A part of the original that begins there. */
  static of(text: string, start: number): AlignedText {
    return new AlignedText(text, start);
  }

  /** Parts of a text, one after the other, each with what it comes from. */
  static join(parts: readonly { readonly text: string; readonly origin: Offset }[]): AlignedText {
    let text = '';
    const starts: number[] = [];
    const ends: number[] = [];
    for (const part of parts) {
      text += part.text;
      for (let unit = 0; unit < part.text.length; unit++) {
        starts.push(part.origin[0]);
        ends.push(part.origin[1]);
      }
    }
    return new AlignedText(text, 0, starts, ends);
  }

  /** Where code units `start…end` come from. */
  origin(start: number, end: number): Offset {
    if (this.#starts === undefined || this.#ends === undefined) return [this.#shift + start, this.#shift + end];
    if (this.text.length === 0) return [this.#shift, this.#shift];
    if (start >= this.text.length) return [this.#ends.at(-1) ?? 0, this.#ends.at(-1) ?? 0];
    const from = this.#starts[start] ?? 0;
    return [from, end > start ? (this.#ends[end - 1] ?? from) : from];
  }

  slice(start: number, end: number): AlignedText {
    return new AlignedText(
      this.text.slice(start, end),
      this.#shift + start,
      this.#starts?.slice(start, end),
      this.#ends?.slice(start, end),
    );
  }

  /**
   * Every piece of the text changed by itself. Where a piece can be cut so that its parts changed are the piece changed, each of them has
   * its own place.
   */
  map(pieces: RegExp, change: (piece: string) => string): AlignedText {
    const parts: { text: string; origin: Offset }[] = [];
    for (const found of this.text.matchAll(pieces)) {
      let at = found.index;
      let rest = found[0];
      let whole = change(rest);
      while (rest !== '') {
        const [part, changed, left] = smallestPart(rest, whole, change);
        parts.push({ text: changed, origin: this.origin(at, at + part.length) });
        at += part.length;
        rest = rest.slice(part.length);
        whole = left;
      }
    }
    return AlignedText.join(parts);
  }

  /** Every match replaced; what stands in its place comes from it. */
  replaceAll(pattern: RegExp, change: (found: string) => string): AlignedText {
    const parts: { text: string; origin: Offset }[] = [];
    let done = 0;
    for (const found of this.text.matchAll(pattern)) {
      const end = found.index + found[0].length;
      this.#pushUnits(parts, done, found.index);
      parts.push({ text: change(found[0]), origin: this.origin(found.index, end) });
      done = end;
    }
    this.#pushUnits(parts, done, this.text.length);
    return AlignedText.join(parts);
  }

  /** With something before it that comes from nowhere. */
  prepend(text: string): AlignedText {
    const [start] = this.origin(0, 0);
    const parts: { text: string; origin: Offset }[] = [{ text, origin: [start, start] }];
    this.#pushUnits(parts, 0, this.text.length);
    return AlignedText.join(parts);
  }

  #pushUnits(parts: { text: string; origin: Offset }[], start: number, end: number): void {
    for (let at = start; at < end;) {
      const char = String.fromCodePoint(this.text.codePointAt(at) ?? 0);
      parts.push({ text: char, origin: this.origin(at, at + char.length) });
      at += char.length;
    }
  }
}

/** The shortest beginning of `text` that can be changed apart from the rest; what it and the rest become. */
function smallestPart(
  text: string,
  whole: string,
  change: (piece: string) => string,
): readonly [part: string, changed: string, left: string] {
  const chars = Array.from(text);
  let part = '';
  for (const char of chars) {
    part += char;
    const changed = change(part);
    const left = part === text ? '' : change(text.slice(part.length));
    if (changed + left === whole) return [part, changed, left];
  }
  return [text, whole, ''];
}
