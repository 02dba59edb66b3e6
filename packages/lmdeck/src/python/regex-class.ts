import { PYTHON_SPACE } from './python-text.ts';

/** What `\d`, `\s` and `\w` stand for, as the inside of a JavaScript character class with the `v` flag. */
export interface CharacterSets {
  readonly digit: string;
  readonly space: string;
  readonly word: string;
}

/** Of a Python `str` pattern. `\w` is what `str.isalnum` takes and the underscore: letters and numbers of all kinds, no combining marks. */
export const unicodeSets: CharacterSets = { digit: '\\p{Nd}', space: PYTHON_SPACE, word: '\\p{L}\\p{N}_' };

/** Of a pattern with the flag `a`. */
export const asciiSets: CharacterSets = { digit: '0-9', space: '\\t-\\r\\x20', word: 'a-zA-Z0-9_' };

/** The inside of a character class for one of `d D s S w W`. */
export function classEscape(letter: string, sets: CharacterSets): string | undefined {
  switch (letter) {
    case 'd':
      return sets.digit;
    case 's':
      return sets.space;
    case 'w':
      return sets.word;
    case 'D':
      return `[^${sets.digit}]`;
    case 'S':
      return `[^${sets.space}]`;
    case 'W':
      return `[^${sets.word}]`;
    default:
      return undefined;
  }
}

/** One character, safe anywhere in a pattern with the `v` flag. */
export function literal(character: string): string {
  return /[\p{L}\p{N}]/u.test(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
