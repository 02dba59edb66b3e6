/** A marker found in a stream of text. */
export interface Found<M> {
  /** The text before the marker. */
  readonly text: string;
  readonly marker: M;
  /** What was already received after the marker. */
  readonly rest: string;
}

/**
 * Finds markers (stop sequences, the openings of tool calls) in text that comes in pieces of any length. Text is given out
 * as soon as it cannot be the beginning of a marker, so nothing of a marker ever leaks. The marker that is complete first
 * wins (of two that end together, the longer one): what is found does not depend on how the text was cut into pieces.
 */
export class MarkerScanner<M extends { readonly text: string }> {
  readonly #markers: readonly M[];
  #held = '';

  constructor(markers: readonly M[]) {
    this.#markers = markers.filter((marker) => marker.text !== '');
  }

  /** Text that is free to go, or a marker. After a marker the scanner starts afresh: push its `rest` where it belongs. */
  push(text: string): string | Found<M> {
    const buffer = this.#held + text;
    let start = 0;
    let end = Number.POSITIVE_INFINITY;
    let marker: M | undefined;
    for (const each of this.#markers) {
      const at = buffer.indexOf(each.text);
      if (at < 0) continue;
      const after = at + each.text.length;
      if (after < end || (after === end && at < start)) {
        start = at;
        end = after;
        marker = each;
      }
    }
    if (marker !== undefined) {
      this.#held = '';
      return { text: buffer.slice(0, start), marker, rest: buffer.slice(end) };
    }
    const free = buffer.length - this.#heldLength(buffer);
    this.#held = buffer.slice(free);
    return buffer.slice(0, free);
  }

  /** What was held back, when no more text comes. */
  end(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** Length of the longest end of the buffer that begins a marker without completing it. */
  #heldLength(buffer: string): number {
    let longest = 0;
    for (const { text } of this.#markers) {
      for (let length = Math.min(text.length - 1, buffer.length); length > longest; length--) {
        if (buffer.endsWith(text.slice(0, length))) {
          longest = length;
          break;
        }
      }
    }
    return longest;
  }
}
