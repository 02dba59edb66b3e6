import { assistant, isJsonObject, LmdeckError, system, user, type JsonValue, type Message } from '../../core/index.ts';

const make: Readonly<Record<string, (text: string) => Message>> = { system, user, assistant };

/**
 * A text as messages: a JSON list of `{ "role", "content" }`, else one message of the user's.
 * @throws LmdeckError `usage` for a list of something else.
 */
export function readMessages(text: string): readonly Message[] {
  const list = listIn(text);
  if (list === undefined) return [user(text)];
  return list.map((each, index) => {
    const { role, content } = isJsonObject(each) ? each : {};
    const made = typeof role === 'string' && typeof content === 'string' ? make[role]?.(content) : undefined;
    if (made !== undefined) return made;
    throw new LmdeckError('usage', `Message ${index + 1} is not { "role": "system" | "user" | "assistant", "content": "…" }.`);
  });
}

function listIn(text: string): readonly JsonValue[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const value: JsonValue = JSON.parse(text);
    return Array.isArray(value) && value.length > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}
