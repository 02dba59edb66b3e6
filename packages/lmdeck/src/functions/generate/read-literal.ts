import type { JsonValue } from '../../core/index.ts';

/** A value and where the text goes on behind it. */
export interface Literal {
  readonly value: JsonValue;
  readonly end: number;
}

/**
 * Reads a value as it is written in TypeScript: JSON, and also 'text', `text`, { key: 1 }, trailing commas, comments and new Date('…') (as its
 * text). Nothing is evaluated. Without `from` the text must have nothing else.
 */
export function readLiteral(text: string, from?: number): Literal | undefined {
  const reader = new LiteralReader(text, from ?? 0);
  try {
    const value = reader.value();
    reader.space();
    return from === undefined && reader.at !== text.length ? undefined : { value, end: reader.at };
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

class NoLiteral extends Error {
  override get name(): string {
    return 'NoLiteral';
  }
}

const number = /[-+]?(?:0[xX][\da-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/y;
const word = /[\p{ID_Start}_$][\p{ID_Continue}$]*/uy;
const date = /new\s+Date\s*\(/y;
const blank = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['0', '\0'],
  ['\n', ''],
]);

class LiteralReader {
  at: number;
  readonly #text: string;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  value(): JsonValue {
    this.space();
    const first = this.#text[this.at];
    if (first === '[') return this.#list(']', () => this.value());
    if (first === '{') return Object.fromEntries(this.#list('}', () => this.#entry()));
    if (first === "'" || first === '"' || first === '`') return this.#string(first);
    if (this.#match(date) !== undefined) return this.#date();
    const digits = this.#match(number);
    if (digits !== undefined) return Number(digits.replaceAll('_', ''));
    const name = this.#match(word);
    if (name === 'true' || name === 'false') return name === 'true';
    if (name === 'null') return null;
    throw new NoLiteral();
  }

  space(): void {
    this.#match(blank);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  #take(sign: string): boolean {
    this.space();
    if (!this.#text.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    return true;
  }

  #list<T>(end: string, item: () => T): T[] {
    this.at++;
    const items: T[] = [];
    while (!this.#take(end)) {
      items.push(item());
      if (!this.#take(',') && this.#text[this.at] !== end) throw new NoLiteral();
    }
    return items;
  }

  #entry(): [string, JsonValue] {
    this.space();
    const quote = this.#text[this.at];
    const key = quote === "'" || quote === '"' ? this.#string(quote) : (this.#match(word) ?? this.#match(number));
    if (key === undefined || !this.#take(':')) throw new NoLiteral();
    return [key, this.value()];
  }

  #string(quote: string): string {
    let value = '';
    for (this.at++; this.#text[this.at] !== quote; this.at++) {
      const sign = this.#text[this.at];
      if (sign === undefined || (sign === '\n' && quote !== '`') || (sign === '$' && quote === '`' && this.#text[this.at + 1] === '{'))
        throw new NoLiteral();
      value += sign === '\\' ? this.#escape() : sign;
    }
    this.at++;
    return value;
  }

  #escape(): string {
    const sign = this.#text[++this.at] ?? '';
    const hex = /(?:u\{([\da-fA-F]+)\}|u([\da-fA-F]{4})|x([\da-fA-F]{2}))/y;
    hex.lastIndex = this.at;
    const [all, braced, four, two] = hex.exec(this.#text) ?? [];
    if (all !== undefined) {
      const point = Number.parseInt(braced ?? four ?? two ?? '', 16);
      if (point > 0x10_ff_ff) throw new NoLiteral();
      this.at += all.length - 1;
      return String.fromCodePoint(point);
    }
    return escapes.get(sign) ?? sign;
  }

  #date(): string {
    this.space();
    const argument = this.value();
    if (!this.#take(')')) throw new NoLiteral();
    if (typeof argument !== 'number' && typeof argument !== 'string') throw new NoLiteral();
    const time = new Date(argument);
    if (Number.isNaN(time.getTime())) throw new NoLiteral();
    return time.toISOString();
  }
}
