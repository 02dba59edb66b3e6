import type { JsonValue } from '../../../core/index.ts';
import { answerJson } from '../answer-json.ts';

/** An array of a JSON text whose elements are parsed when somebody asks for them. */
export class UnreadArray {
  readonly #text: string;
  /** Where each element begins, and at last where the one after the last would. */
  readonly #starts: Uint32Array;

  constructor(text: string, starts: Uint32Array) {
    this.#text = text;
    this.#starts = starts;
  }

  /** @throws SyntaxError for an element that is not JSON. */
  at(index: number): JsonValue | undefined {
    const [start, next] = [this.#starts[index], this.#starts[index + 1]];
    if (start === undefined || next === undefined) return undefined;
    return answerJson(this.#text.slice(start, next - 1));
  }
}

/** A JSON text without some of its arrays; where they were stands the number of the array. */
export interface Shortened {
  readonly text: string;
  readonly arrays: readonly UnreadArray[];
}

/**
 * Takes the arrays out of a JSON text that stand under a name. Of an echoed answer the lists of alternatives are half the text and far more
 * than half the work of parsing it, and all but the last few are never looked at.
 *
 * A name within quotes that a colon follows is always a field: within a string the second quote would have a backslash before it.
 */
export function takeOutArrays(text: string, name: string): Shortened {
  const quoted = `"${name}"`;
  const arrays: UnreadArray[] = [];
  let shortened = '';
  let kept = 0;
  for (let at = text.indexOf(quoted); at !== -1; at = text.indexOf(quoted, at)) {
    at += quoted.length;
    const opening = /\s*:\s*\[/y;
    opening.lastIndex = at;
    if (!opening.test(text)) continue;
    const starts = elementStarts(text, opening.lastIndex);
    if (starts === undefined) break;
    shortened += text.slice(kept, opening.lastIndex - 1) + String(arrays.length);
    arrays.push(new UnreadArray(text, starts));
    at = kept = starts.at(-1) ?? at;
  }
  return arrays.length === 0 ? { text, arrays } : { text: shortened + text.slice(kept), arrays };
}

/** Room for places while they are found; grows with the longest array. */
let found = new Uint32Array(256);

/** Where the elements of an array begin, and the place behind its end. `undefined` for a text that ends before that. */
function elementStarts(text: string, first: number): Uint32Array | undefined {
  let count = 0;
  const add = (place: number): void => {
    if (count === found.length) {
      const wider = new Uint32Array(2 * count);
      wider.set(found);
      found = wider;
    }
    found[count++] = place;
  };
  add(first);
  let depth = 0;
  for (let at = first; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at);
        if (at === -1) return undefined;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth++;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        if (depth === 0) {
          add(at + 1);
          return found.slice(0, count);
        }
        depth--;
        break;
      case COMMA:
        if (depth === 0) add(at + 1);
        break;
      default:
    }
  }
  return undefined;
}

/** The place of the quote that ends the string which begins here. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
