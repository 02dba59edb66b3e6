/** A key with a backslash in it. */
const KEY = /([{,]\s*"(?:[^"\\]|\\.)*?\\\\(?:[^"\\]|\\.)*)("\s*:)/g;
const MARK = '\0';

/**
 * The JSON of an answer whose keys can be tokens (the `top_logprobs` of raw completions), so that V8 reads all of them: keys with a backslash
 * get a mark, which {@link keyToken} takes off. Having read an object with the key `"a\\"`, `JSON.parse` of Node 24 and 26 takes a key `"a\n"` in the same
 * place of another object for that one: it compares the two as they are written, up to the length of what they mean.
 */
export function markedKeys(text: string): string {
  return text.includes('\\\\') && text.includes('"top_logprobs"') ? text.replaceAll(KEY, '$1\\u0000$2') : text;
}

/** The token that a key stands for. */
export function keyToken(key: string): string {
  return key.endsWith(MARK) && key.includes('\\') ? key.slice(0, -1) : key;
}
