import { isJsonObject, LmdeckError, type JsonObject, type JsonValue } from '../../core/index.ts';
import { textLines, type HttpResponse } from '../../transport/index.ts';
import { excerpt, unexpectedAnswer } from '../openai-compatible/unexpected-answer.ts';

/** The JSON object that a server answered. @throws LmdeckError `invalid-response` when it is something else. */
export async function jsonAnswer(response: HttpResponse, endpoint: string, wanted: string): Promise<JsonObject> {
  const text = await response.text();
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unexpectedAnswer(text, endpoint, cause, wanted);
  }
  if (!isJsonObject(value)) throw unexpectedAnswer(text, endpoint, undefined, wanted);
  return value;
}

/**
 * The JSON objects of a file of results, line by line.
 * @throws LmdeckError `incomplete-response` when the last line is cut off, `invalid-response` for any other line that is no JSON object.
 */
export async function* jsonLines(response: HttpResponse, endpoint: string): AsyncGenerator<JsonObject, undefined> {
  let number = 0;
  let broken: LmdeckError | undefined;
  for await (const line of textLines(response.body)) {
    number++;
    if (broken !== undefined) throw broken;
    const value = parsed(line);
    if (value !== undefined) yield value;
    else broken = new LmdeckError('invalid-response', `${endpoint}: line ${number} of the results is no JSON object: ${excerpt(line)}`);
  }
  if (broken !== undefined)
    throw new LmdeckError('incomplete-response', `${endpoint}: the file of results stops in the middle of line ${number}.`, {
      cause: broken,
    });
  return undefined;
}

function parsed(line: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
