/** The characters for which `str.isspace` is true, and which `\s`, `strip` and `split` take: not JavaScript's set (U+FEFF is none, U+001C to U+001F are). */
export const PYTHON_SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

/** `string.punctuation`. */
export const PYTHON_PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const spaces = new RegExp(`^[${PYTHON_SPACE}]+$`);
const leading = new RegExp(`^[${PYTHON_SPACE}]+`);
const runs = new RegExp(`[${PYTHON_SPACE}]+`, 'g');
const spaceUnits = new RegExp(`[${PYTHON_SPACE}]`);

/** `str.isspace`: at least one character, and all of them white space. */
export function isPythonSpace(text: string): boolean {
  return spaces.test(text);
}

/** `str.strip`: of white space, or of the characters given. */
export function pythonStrip(text: string, characters?: string): string {
  return pythonLstrip(pythonRstrip(text, characters), characters);
}

/** `str.lstrip`. */
export function pythonLstrip(text: string, characters?: string): string {
  if (characters === undefined) return text.replace(leading, '');
  const units = Array.from(text);
  let start = 0;
  while (start < units.length && characters.includes(units[start] ?? '')) start += 1;
  return units.slice(start).join('');
}

/** `str.rstrip`. */
export function pythonRstrip(text: string, characters?: string): string {
  if (characters === undefined) {
    // A regular expression anchored at the end would be tried at every space: quadratic in long runs.
    let end = text.length;
    while (end > 0 && spaceUnits.test(text.charAt(end - 1))) end -= 1;
    return end === text.length ? text : text.slice(0, end);
  }
  const units = Array.from(text);
  let end = units.length;
  while (end > 0 && characters.includes(units[end - 1] ?? '')) end -= 1;
  return units.slice(0, end).join('');
}

/** `str.split()` without a separator: the words between runs of white space. */
export function pythonSplit(text: string): string[] {
  const words = text.split(runs);
  if (words[0] === '') words.shift();
  if (words.at(-1) === '') words.pop();
  return words;
}

/** `len(text)`: characters are code points. */
export function pythonLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length -= 1;
      i += 1;
    }
  }
  return length;
}

/** `str.capitalize`. */
export function pythonCapitalize(text: string): string {
  const [first = '', ...rest] = Array.from(text);
  return first.toUpperCase() + rest.join('').toLowerCase();
}

/** `str.title`: every run of letters with a capital. */
export function pythonTitle(text: string): string {
  return text.replaceAll(/\p{L}+/gu, pythonCapitalize);
}

/** The filter `title` of Jinja: what stands after white space, a hyphen or an opening bracket with a capital. */
export function jinjaTitle(text: string): string {
  return text
    .split(/([-\s({[<]+)/u)
    .map(pythonCapitalize)
    .join('');
}
