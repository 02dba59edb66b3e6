import type { JsonValue } from '../core/index.ts';

type Container = { [key: string]: JsonValue } | JsonValue[];

interface Open {
  readonly container: Container;
  /** The key that waits for its value. */
  key?: string;
}

/** What may come next, outside of strings, numbers and words. */
type Place = 'value' | 'first-item' | 'first-key' | 'key' | 'colon' | 'next' | 'end';

const WORDS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' };
/** Line breaks in strings are let through: models write them. */
const PLAIN = /[^"\\]+/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/u;

/**
 * JSON that is still coming. Linear: each character is looked at once, and one value grows in place. What is not complete is there as far as it
 * is safe: the last string cut off where it is, no number, word or key before its end. So every step is a beginning of the next one, and the last one
 * is what `JSON.parse` gives.
 *
 * @example
 * ```ts
 * import { PartialJson } from 'lmdeck/schema';
 *
 * const json = new PartialJson();
 * json.push('{"name": "Mar');
 * console.log(JSON.stringify(json.value)); // {"name":"Mar"}
 * json.push('ia", "age": 3');
 * console.log(JSON.stringify(json.value)); // {"name":"Maria"}
 * ```
 */
export class PartialJson {
  readonly #open: Open[] = [];
  #place: Place = 'value';
  #value: JsonValue | undefined;
  /** A string that has begun: what it has so far, whether it is a key, and an escape that has begun. */
  #string: { text: string; readonly isKey: boolean; escape: string } | undefined;
  /** A number or word that has begun. */
  #scalar = '';
  #invalid = false;

  /** The value so far: the same object at every step. `undefined` while nothing is sure. */
  get value(): JsonValue | undefined {
    return this.#value;
  }

  /** True once a whole value was there; a number that stands alone is whole at `end`. */
  get complete(): boolean {
    return this.#place === 'end';
  }

  /** True once something came that no JSON can have there. From then on nothing is read. */
  get invalid(): boolean {
    return this.#invalid;
  }

  /** Takes the next piece of the text. */
  push(piece: string): void {
    let position = 0;
    while (position < piece.length && !this.#invalid) {
      if (this.#string !== undefined) position = this.#readString(this.#string, piece, position);
      else this.#readSign(piece[position++] ?? '');
    }
    if (this.#string?.isKey === false) this.#replace(this.#string.text);
  }

  /** Says that nothing comes any more. Returns whether the value is whole. */
  end(): boolean {
    if (this.#scalar !== '' && this.#open.length === 0) this.#endScalar();
    return this.complete && !this.#invalid;
  }

  #readSign(sign: string): void {
    if (this.#scalar !== '') {
      if (/[-+.\w]/u.test(sign)) return this.#extendScalar(sign);
      this.#endScalar();
    }
    if (/[ \t\n\r]/u.test(sign)) return;
    const top = this.#open.at(-1);
    const close = top === undefined ? undefined : Array.isArray(top.container) ? ']' : '}';
    switch (this.#place) {
      case 'first-item':
        return sign === close ? this.#close() : this.#begin(sign);
      case 'value':
        return this.#begin(sign);
      case 'first-key':
      case 'key':
        if (sign === '"') this.#string = { text: '', isKey: true, escape: '' };
        else if (sign === close && this.#place === 'first-key') this.#close();
        else this.#invalid = true;
        return;
      case 'colon':
        return this.#expect(sign === ':', 'value');
      case 'next':
        return sign === close ? this.#close() : this.#expect(sign === ',', close === ']' ? 'value' : 'key');
      case 'end':
        this.#invalid = true;
    }
  }

  #expect(isThere: boolean, next: Place): void {
    if (isThere) this.#place = next;
    else this.#invalid = true;
  }

  #begin(sign: string): void {
    if (sign === '{') this.#enter({}, 'first-key');
    else if (sign === '[') this.#enter([], 'first-item');
    else if (sign === '"') {
      this.#string = { text: '', isKey: false, escape: '' };
      this.#put('');
    } else if (/[-\dtfn]/u.test(sign)) this.#scalar = sign;
    else this.#invalid = true;
  }

  #enter(container: Container, place: Place): void {
    this.#put(container);
    this.#open.push({ container });
    this.#place = place;
  }

  #close(): void {
    this.#open.pop();
    this.#valueEnds();
  }

  #valueEnds(): void {
    this.#place = this.#open.length === 0 ? 'end' : 'next';
  }

  #extendScalar(sign: string): void {
    this.#scalar += sign;
    if (WORDS.has(this.#scalar)) this.#endScalar();
  }

  #endScalar(): void {
    const word = WORDS.get(this.#scalar);
    if (word === undefined && !NUMBER.test(this.#scalar)) this.#invalid = true;
    else {
      this.#put(word === undefined ? Number(this.#scalar) : word);
      this.#valueEnds();
    }
    this.#scalar = '';
  }

  #put(value: JsonValue | Container): void {
    const top = this.#open.at(-1);
    if (top === undefined) this.#value = value;
    else if (Array.isArray(top.container)) top.container.push(value);
    else setOwn(top.container, top.key ?? '', value);
  }

  /** The string that has begun, as far as it has come. */
  #replace(text: string): void {
    const top = this.#open.at(-1);
    if (top === undefined) this.#value = text;
    else if (Array.isArray(top.container)) top.container[top.container.length - 1] = text;
    else setOwn(top.container, top.key ?? '', text);
  }

  #readString(string: { text: string; readonly isKey: boolean; escape: string }, piece: string, from: number): number {
    if (string.escape !== '') {
      this.#readEscape(string, piece[from] ?? '');
      return from + 1;
    }
    PLAIN.lastIndex = from;
    const run = PLAIN.exec(piece)?.[0] ?? '';
    string.text += run;
    const position = from + run.length;
    if (position === piece.length) return position;
    if (piece[position] === '\\') string.escape = '\\';
    else this.#endString(string);
    return position + 1;
  }

  #readEscape(string: { text: string; escape: string }, sign: string): void {
    string.escape += sign;
    const letter = string.escape[1] ?? '';
    if (letter !== 'u') {
      const character = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
      if (character === undefined) this.#invalid = true;
      string.text += character ?? '';
      string.escape = '';
    } else if (string.escape.length > 2 && !/[0-9a-fA-F]/u.test(sign)) this.#invalid = true;
    else if (string.escape.length === 6) {
      string.text += String.fromCharCode(Number.parseInt(string.escape.slice(2), 16));
      string.escape = '';
    }
  }

  #endString(string: { readonly text: string; readonly isKey: boolean }): void {
    this.#string = undefined;
    if (!string.isKey) {
      this.#replace(string.text);
      return this.#valueEnds();
    }
    const top = this.#open.at(-1);
    if (top !== undefined) top.key = string.text;
    this.#place = 'colon';
  }
}

/** As `JSON.parse` does it: `__proto__` is a key like any other. */
function setOwn(object: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}
