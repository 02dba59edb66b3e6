import { pythonFloat } from './python-float.ts';
import type { PythonValue } from './python-value.ts';

/**
 * Reads a Python literal as `ast.literal_eval` does: strings (with `r` and `u`), numbers, `True`, `False`, `None`, lists, tuples (as lists),
 * dicts. `undefined` for text that is none.
 */
export function parsePythonLiteral(text: string): PythonValue | undefined {
  const reader = new LiteralReader(text);
  const value = reader.value();
  return value !== undefined && reader.atEnd() ? value : undefined;
}

const CONSTANTS: ReadonlyMap<string, PythonValue> = new Map<string, PythonValue>([
  ['True', true],
  ['False', false],
  ['None', null],
]);
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#text.length;
  }

  value(): PythonValue | undefined {
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === '[') return this.#list(']');
    if (first === '(') return this.#tuple();
    if (first === '{') return this.#dict();
    return this.#strings() ?? this.#number() ?? this.#constant();
  }

  #tuple(): PythonValue | undefined {
    const start = this.#at;
    const items = this.#list(')');
    // One value in parentheses without a comma is that value.
    return Array.isArray(items) && items.length === 1 && !/,\s*\)$/.test(this.#text.slice(start, this.#at)) ? items[0] : items;
  }

  #list(close: string): PythonValue | undefined {
    this.#at++;
    const items: PythonValue[] = [];
    for (;;) {
      if (this.#take(close)) return items;
      const item = this.value();
      if (item === undefined) return undefined;
      items.push(item);
      if (!this.#take(',') && !this.#ahead(close)) return undefined;
    }
  }

  #dict(): PythonValue | undefined {
    this.#at++;
    const dict = new Map<PythonValue, PythonValue>();
    for (;;) {
      if (this.#take('}')) return dict;
      const key = this.value();
      if (key === undefined || !this.#take(':')) return undefined;
      const value = this.value();
      if (value === undefined) return undefined;
      dict.set(key, value);
      if (!this.#take(',') && !this.#ahead('}')) return undefined;
    }
  }

  /** Strings next to each other are one. */
  #strings(): string | undefined {
    let joined: string | undefined;
    for (let next = this.#string(); next !== undefined; next = this.#string()) {
      joined = (joined ?? '') + next;
      this.#skipSpace();
    }
    return joined;
  }

  #string(): string | undefined {
    const match = /(?:([rRuU]?)('''[^]*?'''|"""[^]*?"""|'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"))/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    const quoted = found?.[2];
    if (found === null || quoted === undefined) return undefined;
    this.#at += found[0].length;
    const marks = /^(?:'''|""")/.test(quoted) ? 3 : 1;
    const content = quoted.slice(marks, -marks);
    return found[1]?.toLowerCase() === 'r' ? content : unescape(content);
  }

  #number(): PythonValue | undefined {
    const match = /[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    const number = Number(found.replaceAll('_', ''));
    if (/[.eE]/.test(found)) return Number.isInteger(number) ? pythonFloat(number) : number;
    return Number.isSafeInteger(number) ? number : BigInt(found.replaceAll('_', ''));
  }

  #constant(): PythonValue | undefined {
    const word = /\w+/y;
    word.lastIndex = this.#at;
    const found = word.exec(this.#text)?.[0] ?? '';
    if (!CONSTANTS.has(found)) return undefined;
    this.#at += found.length;
    return CONSTANTS.get(found);
  }

  #take(mark: string): boolean {
    if (!this.#ahead(mark)) return false;
    this.#at += mark.length;
    return true;
  }

  #ahead(mark: string): boolean {
    this.#skipSpace();
    return this.#text.startsWith(mark, this.#at);
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
}

function unescape(content: string): string {
  return content.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/g,
    (match, x, u, long, other: string | undefined) => {
      const digits: string | undefined = x ?? u ?? long;
      if (digits !== undefined) return String.fromCodePoint(Number.parseInt(digits, 16));
      if (other === '\\' || other === "'" || other === '"') return other;
      return ESCAPES[other ?? ''] ?? match;
    },
  );
}
