/** A place in a text, counted from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a JSON text, and where. */
export interface JsonProblem extends TextPosition {
  readonly message: string;
}

/** Where `offset` is in `text`. */
function textPosition(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/**
 * Why `text` is not JSON; `undefined` when it is. `JSON.parse` names the place for some mistakes only, and quotes the text,
 * which may be a secret.
 */
export function jsonProblem(text: string): JsonProblem | undefined {
  const problem = new Scanner(text).problem();
  return problem === undefined ? undefined : { ...textPosition(text, problem.offset), message: problem.message };
}

/** Where the value under `path` (or its key, for a member of an object) begins in a well-formed JSON text. */
export function jsonKeyPosition(text: string, path: readonly (string | number)[]): TextPosition | undefined {
  const offset = new Scanner(text, JSON.stringify(path)).found();
  return offset === undefined ? undefined : textPosition(text, offset);
}

class Mistake {
  readonly offset: number;
  readonly message: string;

  constructor(offset: number, message: string) {
    this.offset = offset;
    this.message = message;
  }
}

/** Walks over a JSON text; slow and exact, for when something is wrong already. */
class Scanner {
  readonly #text: string;
  readonly #wanted: string | undefined;
  readonly #path: (string | number)[] = [];
  #at = 0;
  #found: number | undefined;

  constructor(text: string, wanted?: string) {
    this.#text = text;
    this.#wanted = wanted;
  }

  problem(): Mistake | undefined {
    try {
      this.#value();
      this.#space();
      if (this.#at < this.#text.length) this.#fail('expected the end of the file: there is something after the closing bracket');
      return undefined;
    } catch (error) {
      if (error instanceof Mistake) return error;
      throw error;
    }
  }

  found(): number | undefined {
    return this.problem() === undefined ? this.#found : undefined;
  }

  #value(): void {
    this.#space();
    const char = this.#text[this.#at];
    if (char === '{') return this.#members();
    if (char === '[') return this.#items();
    if (char === '"') return void this.#string();
    const word = /[^\s,:[\]{}"]*/y;
    word.lastIndex = this.#at;
    const literal = word.exec(this.#text)?.[0] ?? '';
    if (literal === '') this.#fail('expected a value');
    if (!isJson(literal)) this.#fail('expected a value (texts stand in double quotes)');
    this.#at += literal.length;
  }

  #members(): void {
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === '}') return void this.#at++;
    for (;;) {
      this.#space();
      const start = this.#at;
      if (this.#text[start] !== '"') this.#fail('expected a key in double quotes');
      this.#enter(this.#string(), start);
      this.#space();
      if (this.#text[this.#at] !== ':') this.#fail('expected ":" after the key');
      this.#at++;
      this.#value();
      this.#path.pop();
      if (this.#closes('}')) return;
    }
  }

  #items(): void {
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === ']') return void this.#at++;
    for (let index = 0; ; index++) {
      this.#space();
      this.#enter(index, this.#at);
      this.#value();
      this.#path.pop();
      if (this.#closes(']')) return;
    }
  }

  /** True at the closing bracket, false at a comma with something behind it. */
  #closes(bracket: string): boolean {
    this.#space();
    const char = this.#text[this.#at];
    if (char !== ',' && char !== bracket) this.#fail(`expected "," or "${bracket}"`);
    const comma = this.#at++;
    if (char === bracket) return true;
    this.#space();
    if (this.#text[this.#at] === bracket) this.#fail(`no "," may stand before "${bracket}"`, comma);
    return false;
  }

  #string(): string {
    const string = /"(?:[^"\\]|\\.)*"/sy;
    string.lastIndex = this.#at;
    const literal = string.exec(this.#text)?.[0];
    if (literal === undefined) this.#fail('a text in double quotes is not closed');
    if (!isJson(literal)) this.#fail('a text in double quotes has a line break or a wrong "\\" escape in it');
    this.#at += literal.length;
    return String(JSON.parse(literal));
  }

  #space(): void {
    const space = /[ \t\r\n]*/y;
    space.lastIndex = this.#at;
    this.#at += space.exec(this.#text)?.[0].length ?? 0;
  }

  #enter(key: string | number, offset: number): void {
    this.#path.push(key);
    if (JSON.stringify(this.#path) === this.#wanted) this.#found = offset;
  }

  #fail(message: string, offset = this.#at): never {
    throw new Mistake(offset, offset >= this.#text.length ? `${message}, but the file ends here` : message);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
