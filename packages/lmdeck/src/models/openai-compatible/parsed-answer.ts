import { LmdeckError, type JsonValue } from '../../core/index.ts';
import { markedKeys } from './token-keys.ts';
import { excerpt, unexpectedAnswer } from './unexpected-answer.ts';

/** A whole answer as JSON. @throws LmdeckError `incomplete-response` when it is cut off, `invalid-response` when it is no JSON. */
export function parsedAnswer(text: string, endpoint: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(markedKeys(text));
    return value;
  } catch (cause) {
    if (!/^\s*\{/.test(text) || /\}\s*$/.test(text)) throw unexpectedAnswer(text, endpoint, cause);
    throw new LmdeckError('incomplete-response', `${endpoint}: the answer stopped in the middle of its JSON: ${excerpt(text)}`, { cause });
  }
}
