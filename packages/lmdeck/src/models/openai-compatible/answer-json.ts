import type { JsonValue } from '../../core/index.ts';

/** Strings, which are passed over, and what Python writes for numbers that JSON has none for. */
const STRING_OR_WORD = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g;
const WORD = /\b(?:NaN|Infinity)\b/;

/**
 * `JSON.parse` for answers of servers in Python, which write NaN and infinities as bare words: they become texts (`"NaN"`).
 * @throws SyntaxError for what is no JSON otherwise, too.
 */
export function answerJson(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (error) {
    if (!WORD.test(text)) throw error;
    const value: JsonValue = JSON.parse(text.replaceAll(STRING_OR_WORD, (token) => (token.startsWith('"') ? token : `"${token}"`)));
    return value;
  }
}

/** The first bare NaN or infinity of a text that is JSON otherwise, with what stands before it; `undefined` where there is none. */
export function bareWord(text: string): string | undefined {
  try {
    answerJson(text);
  } catch {
    return undefined;
  }
  for (const { 0: token, index } of text.matchAll(STRING_OR_WORD))
    if (!token.startsWith('"')) return `${token} (…${text.slice(Math.max(0, index - 40), index + token.length)})`;
  return undefined;
}
