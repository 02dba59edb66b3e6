/** What Python's `str.strip` takes for white space; JavaScript's `trim` has U+FEFF too and lacks some control characters. */
// eslint-disable-next-line no-control-regex -- Python strips these control characters
const SPACE = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** `text.strip(chars)`, or one side of it. @param chars the characters to take away; `undefined`: white space. */
export function strip(text: string, chars?: string, side: 'left' | 'right' | 'both' = 'both'): string {
  const isStripped = chars === undefined ? (char: string): boolean => SPACE.test(char) : (char: string): boolean => chars.includes(char);
  const letters = Array.from(text);
  let start = 0;
  let end = letters.length;
  if (side !== 'right') while (start < end && isStripped(letters[start] ?? '')) start++;
  if (side !== 'left') while (end > start && isStripped(letters[end - 1] ?? '')) end--;
  return start === 0 && end === letters.length ? text : letters.slice(start, end).join('');
}

/** `text.capitalize()` */
export function capitalize(text: string): string {
  const [first = '', ...rest] = Array.from(text);
  return first.toUpperCase() + rest.join('').toLowerCase();
}

/** `text.title()`: every run of letters with a capital. */
export function title(text: string): string {
  return text.replaceAll(/\p{L}+/gu, capitalize);
}

/** The filter `title` of Jinja: what stands after white space, a hyphen or an opening bracket with a capital. */
export function titleFilter(text: string): string {
  return text
    .split(/([-\s({[<]+)/u)
    .map(capitalize)
    .join('');
}
