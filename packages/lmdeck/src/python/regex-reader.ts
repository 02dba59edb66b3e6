import { LmdeckError } from '../core/index.ts';

/** A pattern and how far it was read. */
export class RegexReader {
  readonly pattern: string;
  /** In UTF-16 units. */
  at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  /** The next character (code point); `undefined` at the end. */
  peek(): string | undefined {
    const point = this.pattern.codePointAt(this.at);
    return point === undefined ? undefined : String.fromCodePoint(point);
  }

  /** Reads the next character. @throws LmdeckError `config` at the end, with the reason `missing`. */
  next(missing: string): string {
    const character = this.peek();
    if (character === undefined) throw this.error(missing);
    this.at += character.length;
    return character;
  }

  /** Reads what a sticky expression matches here; `undefined` when it does not. */
  take(expression: RegExp): string | undefined {
    expression.lastIndex = this.at;
    const found = expression.exec(this.pattern)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  error(reason: string, position: number = this.at): LmdeckError {
    return new LmdeckError('config', `regular expression ${JSON.stringify(this.pattern)}: ${reason} (position ${position}).`);
  }
}
