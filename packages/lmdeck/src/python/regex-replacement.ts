import { LmdeckError } from '../core/index.ts';
import type { PythonMatch } from './python-regex.ts';

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** A backslash and what belongs to it. */
const escapeSequence = /\\(?:g<([^>]*)>|(0[0-7]{0,2}|[1-3][0-7]{2})|(\d{1,2})|([^]?))/gv;

/**
 * The replacement text of Python's `re.sub` as a function: `\1`, `\g<1>`, `\g<name>`, `\g<0>`, `\n` and its like, octal codes.
 *
 * @throws LmdeckError `config` for a group that the pattern has not, or an escape that Python does not know.
 */
export function replacementOf(template: string, groups: number, names: ReadonlyMap<string, number>): (match: PythonMatch) => string {
  if (!template.includes('\\')) return () => template;
  const parts: (string | number)[] = [];
  let end = 0;
  for (const found of template.matchAll(escapeSequence)) {
    parts.push(template.slice(end, found.index), partOf(found));
    end = found.index + found[0].length;
  }
  parts.push(template.slice(end));
  return (match) =>
    parts.map((part) => (typeof part === 'string' ? part : part === 0 ? match.text : (match.groups[part - 1] ?? ''))).join('');

  function partOf([sequence, name, octal, digits, character]: RegExpExecArray): string | number {
    if (name !== undefined) return groupNumber(/^\d+$/.test(name) ? Number(name) : names.get(name), sequence);
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    if (digits !== undefined) return groupNumber(Number(digits), sequence);
    const escaped = escapes[character ?? ''];
    if (escaped !== undefined) return escaped;
    if (character === undefined || character === '' || /^[a-zA-Z]$/.test(character)) throw invalid(`bad escape ${sequence}`);
    return sequence;
  }

  function groupNumber(group: number | undefined, sequence: string): number {
    if (group === undefined || group > groups) throw invalid(`the pattern has no group ${sequence}`);
    return group;
  }

  function invalid(reason: string): LmdeckError {
    return new LmdeckError('config', `replacement ${JSON.stringify(template)}: ${reason}.`);
  }
}
