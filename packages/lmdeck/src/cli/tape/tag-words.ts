import { LmdeckError, type JsonValue } from '../../core/index.ts';

/**
 * `key=value` as name and value: JSON where it is some (`0.5`, `true`, `"07"`), else text.
 * @throws LmdeckError `usage`
 */
export function tagWord(word: string, flag: string): [key: string, value: JsonValue] {
  const at = word.indexOf('=');
  if (at < 1) throw new LmdeckError('usage', `${flag} takes NAME=VALUE, not "${word}".`);
  return [word.slice(0, at), tagValue(word.slice(at + 1))];
}

function tagValue(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
