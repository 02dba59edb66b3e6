import type { JsonValue } from '../core/index.ts';

/** What was overlooked in a text to read it as JSON. */
export type Leniency =
  | 'text-around'
  | 'code-fence'
  | 'trailing-comma'
  | 'single-quotes'
  | 'bare-key'
  | 'control-character'
  | 'unknown-escape'
  | 'comment'
  | 'python-literal';

const WORDS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['True', true],
  ['False', false],
  ['None', null],
]);
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' };

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001F]/u;

/** Deeper than any answer; keeps hostile text from using up the stack. */
const MOST_DEPTH = 500;

/** Reads one value from a place in a text; see `lenientJson` for what is overlooked. `undefined` stands for text that is no value. */
export class LenientReader {
  readonly #text: string;
  readonly #found = new Set<Leniency>();
  #depth = 0;
  /** Behind what was read. */
  position: number;

  constructor(text: string, position: number) {
    this.#text = text;
    this.position = position;
  }

  get leniencies(): readonly Leniency[] {
    return [...this.#found];
  }

  /** The value, when nothing but white space and the end of a code fence follows. */
  whole(): JsonValue | undefined {
    const value = this.value();
    this.#space();
    if (this.#takes('```')) this.#found.add('code-fence');
    this.#space();
    return this.position === this.#text.length ? value : undefined;
  }

  value(): JsonValue | undefined {
    this.#space();
    switch (this.#text[this.position]) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
      case "'":
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #nested(read: () => JsonValue | undefined): JsonValue | undefined {
    if (++this.#depth > MOST_DEPTH) return undefined;
    this.position++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): JsonValue | undefined {
    const entries: [string, JsonValue][] = [];
    const complete = this.#items('}', () => {
      const key = this.#key();
      if (key === undefined || !this.#takes(':')) return false;
      const value = this.value();
      if (value !== undefined) entries.push([key, value]);
      return value !== undefined;
    });
    return complete ? Object.fromEntries(entries) : undefined;
  }

  #array(): JsonValue | undefined {
    const items: JsonValue[] = [];
    const complete = this.#items(']', () => {
      const value = this.value();
      if (value !== undefined) items.push(value);
      return value !== undefined;
    });
    return complete ? items : undefined;
  }

  /** True when the list came to its end. */
  #items(close: string, readItem: () => boolean): boolean {
    for (let isFirst = true; ; isFirst = false) {
      if (this.#takes(close)) return true;
      if (!isFirst) {
        if (!this.#takes(',')) return false;
        if (this.#takes(close)) {
          this.#found.add('trailing-comma');
          return true;
        }
      }
      if (!readItem()) return false;
    }
  }

  #key(): string | undefined {
    this.#space();
    const next = this.#text[this.position];
    if (next === '"' || next === "'") return this.#string();
    const name = this.#match(/[A-Za-z_$][\w$]*/y);
    if (name !== undefined) this.#found.add('bare-key');
    return name;
  }

  #string(): string | undefined {
    const quote = this.#text[this.position++];
    if (quote === "'") this.#found.add('single-quotes');
    const plain = quote === '"' ? /[^"\\]+/y : /[^'\\]+/y;
    let value = '';
    while (this.position < this.#text.length) {
      const run = this.#match(plain) ?? '';
      if (CONTROL.test(run)) this.#found.add('control-character');
      value += run;
      const special = this.#text[this.position++];
      if (special === quote) return value;
      if (special === '\\') value += this.#escape(quote);
    }
    return undefined;
  }

  #escape(quote: string | undefined): string {
    const letter = this.#text[this.position++] ?? '';
    if (letter === 'u') {
      const digits = this.#match(/[0-9a-fA-F]{4}/y);
      if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const known = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (known !== undefined) return known;
    if (letter !== quote) this.#found.add('unknown-escape');
    return letter;
  }

  #scalar(): JsonValue | undefined {
    const number = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y);
    if (number !== undefined) return Number(number);
    const word = this.#match(/[A-Za-z]+(?!\w)/y) ?? '';
    const value = WORDS.get(word);
    if (value !== undefined && /^[TFN]/u.test(word)) this.#found.add('python-literal');
    return value;
  }

  #takes(sign: string): boolean {
    this.#space();
    if (!this.#text.startsWith(sign, this.position)) return false;
    this.position += sign.length;
    return true;
  }

  #space(): void {
    while (this.#match(/\s+/y) !== undefined || this.#comment());
  }

  #comment(): boolean {
    if (this.#match(/\/\/[^\n]*|\/\*[^]*?\*\//y) === undefined) return false;
    this.#found.add('comment');
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }
}
