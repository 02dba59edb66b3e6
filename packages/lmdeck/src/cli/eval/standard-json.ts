/** Python's JSON as everybody reads it: what is not a number there (`NaN`, `Infinity`) is null. */
export function standardJson(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) => (token.startsWith('"') ? token : 'null'));
}
