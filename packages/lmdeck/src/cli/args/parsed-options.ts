import { LmdeckError } from '../../core/index.ts';

/** The options of one command line, by their long name in camelCase (`--no-stream` is `noStream`). */
export class ParsedOptions {
  readonly #given: ReadonlyMap<string, readonly (readonly string[])[]>;

  /** @param given every occurrence of every option with its values. */
  constructor(given: ReadonlyMap<string, readonly (readonly string[])[]>) {
    this.#given = given;
  }

  /** True when the option is there, with or without a value. */
  flag(name: string): boolean {
    return this.#given.has(name);
  }

  /** The value; the last one when the option was given more than once. */
  text(name: string): string | undefined {
    return this.#given.get(name)?.at(-1)?.[0];
  }

  /** Every value, in order. */
  texts(name: string): readonly string[] {
    return (this.#given.get(name) ?? []).flatMap((values) => values.slice(0, 1));
  }

  /** Every pair of an option that takes two values. */
  pairs(name: string): readonly (readonly [string, string])[] {
    return (this.#given.get(name) ?? []).map(([first = '', second = '']) => [first, second]);
  }

  /** The value as a whole number of at least `minimum`. */
  integer(name: string, minimum = 0): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < minimum) {
      throw new LmdeckError('usage', `${longFlag(name)} takes a whole number of at least ${minimum}, not "${text}".`);
    }
    return value;
  }

  /** Names of the options that are there. */
  names(): Iterable<string> {
    return this.#given.keys();
  }
}

/** `noStream` → `--no-stream` */
export function longFlag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
