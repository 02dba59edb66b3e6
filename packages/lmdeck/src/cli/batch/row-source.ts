import { createReadStream } from 'node:fs';
import { createRequest, isJsonObject, LmdeckError, system, user, type JsonObject, type JsonValue, type Message } from '../../core/index.ts';
import type { BatchRow, MalformedRow } from '../../batch/index.ts';
import { textLines } from '../../transport/index.ts';

export interface RowSettings {
  readonly system?: string | undefined;
  readonly options: JsonObject;
  readonly samples?: number | undefined;
}

/** The rows of a JSON Lines file: texts, `{prompt}`, `{messages}` or OpenAI's batch lines (`{custom_id, body}`). */
export async function* rowSource(path: string, settings: RowSettings): AsyncGenerator<BatchRow | MalformedRow, undefined> {
  let index = 0;
  const file = createReadStream(path);
  try {
    for await (const line of textLines(file)) yield rowOf(line, index++, `${path}:${index}`, settings);
  } catch (error) {
    if (LmdeckError.isInstance(error)) throw error;
    throw new LmdeckError('config', `Cannot read ${path}: ${LmdeckError.from(error).message}`, { cause: error });
  } finally {
    file.destroy();
  }
  return undefined;
}

function rowOf(line: string, index: number, place: string, settings: RowSettings): BatchRow | MalformedRow {
  try {
    const value: JsonValue = JSON.parse(line);
    const input = isJsonObject(value) ? value : { prompt: value };
    const id = input['custom_id'] ?? input['id'];
    const asked = messages(input);
    const lead = settings.system === undefined || asked[0]?.role === 'system' ? [] : [system(settings.system)];
    return {
      index,
      id: typeof id === 'string' || typeof id === 'number' ? String(id) : String(index),
      place,
      input,
      request: createRequest({ messages: [...lead, ...asked], options: settings.options, samples: settings.samples }),
    };
  } catch (error) {
    const message = `${place}: ${LmdeckError.from(error).message}`;
    return { index, id: String(index), place, error: new LmdeckError('usage', message).toInfo() };
  }
}

function messages(input: JsonObject): readonly Message[] {
  const body = isJsonObject(input['body']) ? input['body'] : input;
  const list = body['messages'];
  if (Array.isArray(list)) return list.map((each: JsonValue) => message(each));
  const { prompt } = input;
  if (typeof prompt === 'string') return [user(prompt)];
  throw new Error('a row is a text, or has a "prompt" or "messages".');
}

function message(value: JsonValue): Message {
  const { role, content } = isJsonObject(value) ? value : {};
  if ((role !== 'user' && role !== 'assistant' && role !== 'system') || typeof content !== 'string')
    throw new Error('a message has a role (system, user, assistant) and a text as content.');
  return { role, parts: [{ type: 'text', text: content }] };
}
