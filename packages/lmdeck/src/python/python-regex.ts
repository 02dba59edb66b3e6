import { LmdeckError } from '../core/index.ts';
import { replacementOf } from './regex-replacement.ts';
import { translateRegex } from './regex-translation.ts';

/** What one match of a pattern found. A group that took no part is `undefined`. */
export interface PythonMatch {
  readonly text: string;
  /** Where it begins, in UTF-16 units. */
  readonly index: number;
  /** Of group 1, 2, …. */
  readonly groups: readonly (string | undefined)[];
}

/** A compiled pattern of Python's `re`, with the methods of `re.Pattern` that evaluation tasks use. */
export interface PythonRegex {
  readonly pattern: string;
  /** All matches, as `finditer` gives them. */
  matches(text: string): IterableIterator<PythonMatch>;
  /** The first match anywhere. */
  search(text: string): PythonMatch | undefined;
  /** As in Python: the matches; with one group its text; with several the texts of all, in arrays. Groups that took no part are `''`. */
  findall(text: string): (string | string[])[];
  /** Replaces up to `count` matches (default: all). `replacement` has Python's syntax: `\1`, `\g<name>`, `\n`. */
  sub(replacement: string, text: string, count?: number): string;
  /** The texts between matches, with those of the groups between them (`undefined` where one took no part). */
  split(text: string, maxSplit?: number): (string | undefined)[];
}

/**
 * Compiles a `str` pattern of Python's `re`. Python's meanings hold: `\w`, `\d` and `\s` are Unicode's and Python's own sets, `$` also
 * matches before a last line break, `.` stops at `\n` only, `(?P<name>…)`, `(?s)` at the start, `\A`, `\Z`; characters are code points.
 * Three things differ: a reference to a group that took no part matches the empty text, a group inside a repetition forgets the turn before,
 * and without case the letters `İ` and `ı` are not counted as `i`.
 *
 * @param flags any of Python's `a i m s u x`, as in `(?…)`.
 * @throws LmdeckError `config` for a pattern that Python refuses or that JavaScript cannot express.
 *
 * @example
 * ```ts
 * import { pythonRegex } from 'lmdeck/scoring';
 *
 * console.log(pythonRegex(String.raw`(?P<number>-?\d+)`).findall('3 and -4')); // [ '3', '-4' ]
 * ```
 */
export function pythonRegex(pattern: string, flags = ''): PythonRegex {
  return new CompiledRegex(pattern, flags);
}

/** `re.escape`. */
export function pythonRegexEscape(text: string): string {
  return text.replaceAll(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, String.raw`\$&`);
}

class CompiledRegex implements PythonRegex {
  readonly pattern: string;
  readonly #flags: string;
  readonly #regex: RegExp;
  readonly #groups: number;
  readonly #groupNames: ReadonlyMap<string, number>;
  readonly #mayPreferEmpty: boolean;
  #notEmpty: RegExp | undefined;

  constructor(pattern: string, flags: string) {
    this.pattern = pattern;
    this.#flags = flags;
    const { source, ignoreCase, groups, groupNames, mayPreferEmpty } = translateRegex(pattern, flags);
    this.#regex = compile(pattern, source, ignoreCase ? 'giv' : 'gv');
    this.#groups = groups;
    this.#groupNames = groupNames;
    this.#mayPreferEmpty = mayPreferEmpty;
  }

  *matches(text: string): IterableIterator<PythonMatch> {
    let at = 0;
    while (at <= text.length) {
      const found = this.#find(text, at);
      if (found === undefined) return;
      yield found;
      at = found.index + found.text.length;
      if (found.text !== '') continue;
      // After an empty match Python first looks for one at the same place that is not empty.
      const next = this.#mayPreferEmpty ? this.#notEmptyAt(text, at) : undefined;
      if (next === undefined) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      else {
        yield next;
        at = next.index + next.text.length;
      }
    }
  }

  search(text: string): PythonMatch | undefined {
    return this.#find(text, 0);
  }

  findall(text: string): (string | string[])[] {
    return Array.from(this.matches(text), (match) => {
      if (this.#groups === 0) return match.text;
      return this.#groups === 1 ? (match.groups[0] ?? '') : match.groups.map((group) => group ?? '');
    });
  }

  sub(replacement: string, text: string, count = 0): string {
    const replace = replacementOf(replacement, this.#groups, this.#groupNames);
    let result = '';
    let end = 0;
    let replaced = 0;
    for (const match of this.matches(text)) {
      result += text.slice(end, match.index) + replace(match);
      end = match.index + match.text.length;
      replaced += 1;
      if (replaced === count) break;
    }
    return result + text.slice(end);
  }

  split(text: string, maxSplit = 0): (string | undefined)[] {
    const parts: (string | undefined)[] = [];
    let end = 0;
    let splits = 0;
    for (const match of this.matches(text)) {
      parts.push(text.slice(end, match.index), ...match.groups);
      end = match.index + match.text.length;
      splits += 1;
      if (splits === maxSplit) break;
    }
    parts.push(text.slice(end));
    return parts;
  }

  #find(text: string, from: number): PythonMatch | undefined {
    for (let at = from; ;) {
      this.#regex.lastIndex = at;
      const found = this.#regex.exec(text);
      if (found === null) return undefined;
      // V8 can find an empty match between the two halves of a surrogate pair, where there is no place between characters.
      if (found[0] !== '' || !isInsidePair(text, found.index)) return { text: found[0], index: found.index, groups: found.slice(1) };
      at = found.index + 1;
    }
  }

  /** A match that begins here and takes at least one character. */
  #notEmptyAt(text: string, at: number): PythonMatch | undefined {
    this.#notEmpty ??= this.#compileNotEmpty();
    this.#notEmpty.lastIndex = at;
    const found = this.#notEmpty.exec(text);
    return found === null ? undefined : { text: found[0], index: found.index, groups: found.slice(2) };
  }

  /** Group 1 holds all that follows the start of the match; a match after which the same still follows was empty. */
  #compileNotEmpty(): RegExp {
    const { source, ignoreCase } = translateRegex(this.pattern, this.#flags, 1);
    return compile(this.pattern, String.raw`(?=([^]*))(?:${source})(?!\1$)`, ignoreCase ? 'ivy' : 'vy');
  }
}

function isInsidePair(text: string, index: number): boolean {
  return index > 0 && (text.charCodeAt(index) & 0xfc00) === 0xdc00 && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800;
}

function compile(pattern: string, source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new LmdeckError(
      'config',
      `regular expression ${JSON.stringify(pattern)}: ${error instanceof Error ? error.message : String(error)}.`,
      {
        cause: error,
      },
    );
  }
}
