import type { LmdeckError } from '../core/index.ts';
import { asciiSets, classEscape, literal, unicodeSets, type CharacterSets } from './regex-class.ts';
import { RegexReader } from './regex-reader.ts';

/** A Python pattern in JavaScript's syntax. */
export interface RegexTranslation {
  /** For a `RegExp` with the flag `v`, without `m`, which would change its `^` and `$`. */
  readonly source: string;
  readonly ignoreCase: boolean;
  /** Number of capturing groups. */
  readonly groups: number;
  /** Numbers of the named groups. */
  readonly groupNames: ReadonlyMap<string, number>;
  /** False when an empty match is always the last thing that the pattern tries. */
  readonly mayPreferEmpty: boolean;
}

/**
 * Translates a pattern of Python's `re` (a `str` pattern) into JavaScript's syntax. `groupOffset` capturing groups will be put before it:
 * its numbered references are shifted.
 *
 * @throws LmdeckError `config` for a pattern that Python refuses, or that JavaScript cannot express (possessive quantifiers, atomic and
 * conditional groups); the message has the position and, where there is one, another way to write it.
 */
export function translateRegex(pattern: string, flags: string = '', groupOffset: number = 0): RegexTranslation {
  return new Translator(pattern, flags, groupOffset).translate();
}

/** Escapes that stand for one control character, in a class or outside. */
const controls: Readonly<Record<string, string>> = { a: '\u0007', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Digits after the escapes that name a code point. */
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const repeat = /[*+?]/uy;
const braced = /\{(?:[0-9]+(?:,[0-9]*)?|,[0-9]*)\}/uy;
const comment = /\(\?#[^)]*\)/uy;
const blank = /[ \t-\r]|#[^\n]*/uy;
const flagGroup = /\(\?[a-zA-Z]+\)/uy;
const groupKind = /:|=|!|<=|<!/uy;
const groupName = /P<[\p{L}\p{Nl}_][\p{L}\p{N}\p{M}_]*>/uy;
const namedReference = /P=[^)]*\)/uy;
const scopedFlags = /[a-zA-Z]*(?:-[a-zA-Z]+)?:/uy;
const octalDigits = /[0-7]{1,2}/uy;

class Translator {
  readonly #reader: RegexReader;
  readonly #groupOffset: number;
  readonly #names = new Map<string, number>();
  #groups = 0;
  #mayPreferEmpty = false;
  /** Of `a i m s x`, those that hold here; a group's end brings back what held before it. */
  #flags: ReadonlySet<string> = new Set();

  constructor(pattern: string, flags: string, groupOffset: number) {
    this.#reader = new RegexReader(pattern);
    this.#groupOffset = groupOffset;
    this.#switchFlags(flags, true);
  }

  translate(): RegexTranslation {
    // Python allows flags for the whole pattern at the very start only.
    for (let flags = this.#reader.take(flagGroup); flags !== undefined; flags = this.#reader.take(flagGroup))
      this.#switchFlags(flags.slice(2, -1), true);
    const ignoreCase = this.#flags.has('i');
    const source = this.#alternatives();
    if (this.#reader.peek() !== undefined) throw this.#reader.error('unbalanced parenthesis');
    return { source, ignoreCase, groups: this.#groups, groupNames: this.#names, mayPreferEmpty: this.#mayPreferEmpty };
  }

  /** Up to the end of the pattern or a closing parenthesis, which is left. */
  #alternatives(): string {
    let source = '';
    for (;;) {
      const character = this.#reader.peek();
      if (character === undefined || character === ')') return source;
      if (character === '|') {
        this.#mayPreferEmpty = true;
        source += this.#reader.next('');
      } else if (!this.#skip()) source += this.#quantified();
    }
  }

  /** Skips a comment, or a blank of a pattern with the flag `x`. */
  #skip(): boolean {
    return this.#reader.take(comment) !== undefined || (this.#flags.has('x') && this.#reader.take(blank) !== undefined);
  }

  #quantified(): string {
    const item = this.#item();
    while (this.#skip());
    const quantifier = this.#quantifier();
    // Python lets an assertion be repeated, JavaScript does not.
    return quantifier !== '' && isAssertion(item) ? `(?:${item})${quantifier}` : item + quantifier;
  }

  #quantifier(): string {
    const reader = this.#reader;
    const start = reader.at;
    // Without its first number a range starts at zero.
    let quantifier = reader.take(repeat) ?? reader.take(braced)?.replace('{,', '{0,') ?? '';
    if (quantifier === '') return '';
    if (reader.peek() === '?') {
      this.#mayPreferEmpty = true;
      quantifier += reader.next('');
    } else if (reader.peek() === '+') throw reader.error('possessive quantifiers have no counterpart in JavaScript', start);
    if (reader.take(repeat) !== undefined || reader.take(braced) !== undefined) throw reader.error('multiple repeat', start);
    return quantifier;
  }

  #item(): string {
    const reader = this.#reader;
    const start = reader.at;
    if (reader.take(repeat) !== undefined || reader.take(braced) !== undefined) throw reader.error('nothing to repeat', start);
    const character = reader.next('unexpected end of pattern');
    switch (character) {
      case '.':
        return this.#flags.has('s') ? '[^]' : '[^\\n]';
      case '^':
        return this.#flags.has('m') ? '(?:^|(?<=\\n))' : '(?:^)';
      case '$':
        return this.#flags.has('m') ? '(?:$|(?=\\n))' : '(?=\\n?$)';
      case '[':
        return this.#class(start);
      case '(':
        return this.#group(start);
      case '\\':
        return this.#escape(start);
      default:
        return literal(character);
    }
  }

  #escape(start: number): string {
    const letter = this.#reader.next('bad escape (end of pattern)');
    const { word } = this.#sets();
    const set = classEscape(letter, this.#sets());
    if (set !== undefined) return `[${set}]`;
    switch (letter) {
      case 'A':
        return '(?:^)';
      case 'Z':
        return '(?:$)';
      case 'b':
        return `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`;
      case 'B':
        // Python's \B holds nowhere in an empty text.
        return `(?:(?!^$)(?:(?<=[${word}])(?=[${word}])|(?<![${word}])(?![${word}])))`;
      default:
        return this.#reference(letter, start) ?? literal(this.#character(letter, start));
    }
  }

  /** A numbered reference such as `\1`, or `undefined` for other escapes; three octal digits are a character. */
  #reference(first: string, start: number): string | undefined {
    if (!/^[1-9]$/.test(first)) return undefined;
    const rest = this.#reader.take(/[0-9]/uy) ?? '';
    const third = /^[0-7]{2}$/.test(first + rest) ? this.#reader.take(/[0-7]/uy) : undefined;
    if (third !== undefined) {
      const code = Number.parseInt(first + rest + third, 8);
      if (code > 0o377) throw this.#reader.error(`octal escape \\${first}${rest}${third} outside of 0 to 0o377`, start);
      return literal(String.fromCodePoint(code));
    }
    const group = Number(first + rest);
    if (group > this.#groups) throw this.#reader.error(`invalid group reference ${group}`, start);
    // Parentheses keep a digit that follows apart.
    return `(?:\\${group + this.#groupOffset})`;
  }

  /** The character that an escape stands for. */
  #character(letter: string, start: number): string {
    const control = controls[letter];
    if (control !== undefined) return control;
    if (letter === '0') return String.fromCodePoint(Number.parseInt(`0${this.#reader.take(octalDigits) ?? ''}`, 8));
    const digits = hexDigits[letter];
    if (digits !== undefined) {
      const code = Number.parseInt(this.#reader.take(new RegExp(`[0-9a-fA-F]{${digits}}`, 'uy')) ?? '', 16);
      if (Number.isNaN(code) || code > 0x10ffff) throw this.#reader.error(`incomplete escape \\${letter}`, start);
      return String.fromCodePoint(code);
    }
    if (/^[a-zA-Z0-9]$/.test(letter)) throw this.#reader.error(`bad escape \\${letter}`, start);
    return letter;
  }

  #class(start: number): string {
    const reader = this.#reader;
    const negated = reader.take(/\^/uy) ?? '';
    let source = '';
    for (let first = true; first || reader.peek() !== ']'; first = false) {
      const low = this.#classItem(start);
      // A hyphen before the closing bracket is itself.
      if (reader.take(/-(?=[^\]])/uy) === undefined) {
        source += low.set ?? literal(low.character ?? '');
        continue;
      }
      const high = this.#classItem(start);
      const [from, to] = [low.character?.codePointAt(0), high.character?.codePointAt(0)];
      if (from === undefined || to === undefined || from > to) throw reader.error('bad character range', start);
      source += `\\u{${from.toString(16)}}-\\u{${to.toString(16)}}`;
    }
    reader.next('');
    return `[${negated}${source}]`;
  }

  #classItem(classStart: number): { readonly character?: string; readonly set?: string } {
    const reader = this.#reader;
    const start = reader.at;
    if (reader.peek() === undefined) throw reader.error('unterminated character set', classStart);
    const character = reader.next('');
    if (character !== '\\') return { character };
    const letter = reader.next('bad escape (end of pattern)');
    const set = classEscape(letter, this.#sets());
    if (set !== undefined) return { set };
    if (letter === 'b') return { character: '\b' };
    if (/^[1-7]$/.test(letter)) return { character: String.fromCodePoint(Number.parseInt(letter + (reader.take(octalDigits) ?? ''), 8)) };
    return { character: this.#character(letter, start) };
  }

  #group(start: number): string {
    const reader = this.#reader;
    if (reader.take(/\?/uy) === undefined) {
      this.#groups += 1;
      return `(${this.#inside(start)})`;
    }
    const kind = reader.take(groupKind);
    if (kind !== undefined) return `(?${kind}${this.#inside(start)})`;
    const name = reader.take(groupName)?.slice(2, -1);
    if (name !== undefined) return this.#namedGroup(name, start);
    const reference = reader.take(namedReference)?.slice(2, -1);
    if (reference === undefined) return this.#flaggedGroup(start);
    if (!this.#names.has(reference)) throw reader.error(`unknown group name '${reference}'`, start);
    return `(?:\\k<${reference}>)`;
  }

  #namedGroup(name: string, start: number): string {
    if (this.#names.has(name)) throw this.#reader.error(`redefinition of group name '${name}'`, start);
    this.#groups += 1;
    this.#names.set(name, this.#groups);
    return `(?<${name}>${this.#inside(start)})`;
  }

  /** `(?i-s:…)`: dot, anchors and sets are translated under the flags; only the case is left to JavaScript. */
  #flaggedGroup(start: number): string {
    const scope = this.#reader.take(scopedFlags);
    if (scope === undefined) throw this.#unknownGroup(start);
    const outer = this.#flags;
    const [on = '', off = ''] = scope.slice(0, -1).split('-');
    this.#switchFlags(on, true);
    this.#switchFlags(off, false);
    const modifier = this.#flags.has('i') === outer.has('i') ? '' : this.#flags.has('i') ? 'i' : '-i';
    const inside = this.#inside(start);
    this.#flags = outer;
    return `(?${modifier}:${inside})`;
  }

  #unknownGroup(start: number): LmdeckError {
    const next = this.#reader.peek();
    if (next === '>') return this.#reader.error('atomic groups have no counterpart in JavaScript', start);
    if (next === '(') return this.#reader.error('conditional groups have no counterpart in JavaScript', start);
    if (this.#reader.take(/[a-zA-Z]+\)/uy) === undefined) return this.#reader.error('unknown extension after (?', start);
    return this.#reader.error('global flags not at the start of the expression; move them to the front, or write (?s:…)', start);
  }

  #inside(start: number): string {
    const source = this.#alternatives();
    if (this.#reader.peek() !== ')') throw this.#reader.error('missing ), unterminated subpattern', start);
    this.#reader.next('');
    return source;
  }

  #switchFlags(letters: string, on: boolean): void {
    const flags = new Set(this.#flags);
    for (const letter of letters) {
      if (!'aimsux'.includes(letter)) throw this.#reader.error(`unknown flag "${letter}"; there are a, i, m, s, u and x`);
      if (on) flags.add(letter);
      else flags.delete(letter);
    }
    this.#flags = flags;
  }

  #sets(): CharacterSets {
    return this.#flags.has('a') ? asciiSets : unicodeSets;
  }
}

function isAssertion(source: string): boolean {
  return source.startsWith('(?=') || source.startsWith('(?!') || source.startsWith('(?<=') || source.startsWith('(?<!');
}
