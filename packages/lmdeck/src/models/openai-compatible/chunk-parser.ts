import type { JsonValue } from '../../core/index.ts';
import { markedKeys } from './token-keys.ts';

/** An object that was just parsed and belongs to nobody else. */
interface Fresh {
  [key: string]: JsonValue | undefined;
}

/** A string value in a chunk. */
interface Leaf {
  readonly holder: Fresh;
  readonly key: string;
}

/** Chunks that differ in one string, or in two: `head` "…" `tail`, or `head` "…" `middle` "…" `tail`. */
interface Template {
  /** The first of these chunks. */
  readonly chunk: JsonValue;
  readonly leaf: Leaf;
  /** OpenAI pads its chunks, so that their sizes do not tell the words: the second string. */
  readonly padding: Leaf | undefined;
  readonly head: string;
  readonly middle: string;
  readonly tail: string;
}

const PADDING = 'obfuscation';
const PROBE = 'lmdeckProbe';
/** So many chunks in a row without a repetition, and none is to be expected any more. */
const MAX_MISSES = 16;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * `JSON.parse` for the chunks of one stream. Nearly all of them are the same text but for one string, a few letters of the answer, and
 * parsing the whole of it costs as much as all else that is done with a chunk. So what stands around that string is compared with the
 * chunk before, and the string alone is parsed.
 *
 * Why the result is the same: in JSON a string in the place of another changes that value and nothing else. That there is a string of its own
 * in this place, and that it is that value, is proven once for each template (see `isRight`).
 */
export class ChunkParser {
  #template: Template | undefined;
  #previous = '';
  #misses = 0;

  /**
   * The value of a JSON text. It may be the object of the call before, changed: it holds until the next call.
   * @throws SyntaxError as `JSON.parse` does.
   */
  parse(text: string): JsonValue {
    if (this.#template !== undefined && fill(this.#template, text)) return this.#template.chunk;
    const chunk: JsonValue = JSON.parse(markedKeys(text));
    if (this.#misses < MAX_MISSES) {
      this.#template = templateOf(text, chunk, this.#previous);
      this.#misses = this.#template === undefined ? this.#misses + 1 : 0;
      this.#previous = text;
    }
    return chunk;
  }
}

/** Puts the strings of `text` into the template's chunk, if it is one of its kind. */
function fill({ leaf, padding, head, middle, tail }: Template, text: string): boolean {
  let end = text.length - tail.length;
  // Comparing slices is twice as fast as `startsWith` and `endsWith`.
  if (end < head.length || text.slice(0, head.length) !== head || text.slice(end) !== tail) return false;
  let pad: string | undefined;
  if (padding !== undefined) {
    const start = text.lastIndexOf('"', end - 2);
    pad = stringAt(text, start, end);
    end = start - middle.length;
    if (pad === undefined || end < head.length || text.slice(end, start) !== middle) return false;
  }
  const value = stringAt(text, head.length, end);
  if (value === undefined) return false;
  leaf.holder[leaf.key] = value;
  if (padding !== undefined) padding.holder[padding.key] = pad;
  return true;
}

/** The string that the text is from `start` to `end`, if it is one. */
function stringAt(text: string, start: number, end: number): string | undefined {
  if (text.charCodeAt(start) !== QUOTE) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(start, end));
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The template of a chunk that repeats the one before. */
function templateOf(text: string, chunk: JsonValue, previous: string): Template | undefined {
  const leaf = leafOf(chunk);
  const place = leaf === undefined ? undefined : placeOf(text, leaf.key);
  if (leaf === undefined || place === undefined) return undefined;
  const padding = paddingOf(chunk);
  const last = padding === undefined ? place : placeOf(text, padding.key);
  if (last === undefined || last.start < place.start) return undefined;
  const head = text.slice(0, place.start);
  const middle = text.slice(place.end, Math.max(place.end, last.start));
  const tail = text.slice(last.end);
  if (!previous.startsWith(head) || !previous.endsWith(tail)) return undefined;
  const template = { chunk, leaf, padding, head, middle, tail };
  return isRight(template) ? template : undefined;
}

/**
 * Parses the template with a probe in the place of each string. The probe is no JSON but between its quotes: if the places were inside of other
 * strings, that would be a syntax error. So the probes are strings of their own, and these are the values where they come out.
 */
function isRight({ leaf, padding, head, middle, tail }: Template): boolean {
  const one = `${PROBE}One`;
  const two = `${PROBE}Two`;
  if (leaf.holder[leaf.key] === one || padding?.holder[padding.key] === two) return false;
  let probed: JsonValue;
  try {
    probed = JSON.parse(padding === undefined ? `${head}"${one}"${tail}` : `${head}"${one}"${middle}"${two}"${tail}`);
  } catch {
    return false;
  }
  const found = leafOf(probed);
  const foundPadding = paddingOf(probed);
  return (
    found?.key === leaf.key && found.holder[found.key] === one && (padding === undefined || foundPadding?.holder[foundPadding.key] === two)
  );
}

/** The string that changes from chunk to chunk: a piece of the text, of the reasoning, or of a tool call's arguments. */
function leafOf(chunk: JsonValue): Leaf | undefined {
  const delta = childOf(isFresh(chunk) ? first(chunk['choices']) : undefined, 'delta');
  if (delta === undefined) return undefined;
  for (const key of ['content', 'reasoning_content', 'reasoning'])
    if (typeof delta[key] === 'string' && delta[key] !== '') return { holder: delta, key };
  const call = childOf(first(delta['tool_calls']), 'function');
  return typeof call?.['arguments'] === 'string' ? { holder: call, key: 'arguments' } : undefined;
}

function paddingOf(chunk: JsonValue): Leaf | undefined {
  return isFresh(chunk) && typeof chunk[PADDING] === 'string' ? { holder: chunk, key: PADDING } : undefined;
}

/** Where the last string with this key seems to stand, quotes included. */
function placeOf(text: string, key: string): { readonly start: number; readonly end: number } | undefined {
  const named = text.lastIndexOf(`"${key}"`);
  if (named === -1) return undefined;
  const start = text.indexOf('"', named + key.length + 2);
  if (start === -1) return undefined;
  let end = start;
  do {
    end = text.indexOf('"', end + 1);
    if (end === -1) return undefined;
  } while (isEscaped(text, end));
  return { start, end: end + 1 };
}

/** True after an odd number of backslashes. */
function isEscaped(text: string, place: number): boolean {
  let start = place;
  while (text.charCodeAt(start - 1) === BACKSLASH) start--;
  return (place - start) % 2 === 1;
}

function first(value: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(value) ? value[0] : undefined;
}

function childOf(value: JsonValue | undefined, key: string): Fresh | undefined {
  const child = isFresh(value) ? value[key] : undefined;
  return isFresh(child) ? child : undefined;
}

function isFresh(value: JsonValue | undefined): value is Fresh {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
