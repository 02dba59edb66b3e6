import {
  isJsonObject,
  LmdeckError,
  type JsonObject,
  type JsonValue,
  type ModelEvent,
  type ModelRequest,
  type Usage,
} from '../../../core/index.ts';
import { ChatStreamDecoder } from '../chat-stream-decoder.ts';
import type { AnswerSettings } from '../choice-decoder.ts';
import { providerError } from '../provider-error.ts';
import { markedKeys } from '../token-keys.ts';
import { unexpectedAnswer } from '../unexpected-answer.ts';
import { rawPrompt } from './encode-completion-request.ts';

/**
 * The answer to several prompts, as the events of each: choice `i` belongs to prompt `⌊i / n⌋`. The server counts tokens for all
 * prompts together; of that a prompt has what can be told apart.
 * @throws LmdeckError `invalid-response` when the choices are not those of the prompts, the provider's error when it is one.
 */
export function decodePromptBatch(
  text: string,
  requests: readonly ModelRequest[],
  settings: AnswerSettings,
): readonly (readonly ModelEvent[])[] {
  const { usage: _usage, ...body } = parse(text, settings.endpoint);
  const samples = requests[0]?.samples ?? 1;
  const byIndex = new Map<number, JsonObject>();
  const choices = Array.isArray(body['choices']) ? body['choices'] : [];
  for (const choice of choices) if (isJsonObject(choice) && typeof choice['index'] === 'number') byIndex.set(choice['index'], choice);
  const wanted = requests.length * samples;
  if (byIndex.size !== wanted || choices.length !== wanted) {
    throw new LmdeckError(
      'invalid-response',
      `${settings.endpoint}: ${choices.length} choice(s) came back for ${requests.length} prompts with ${samples} sample(s) each.`,
    );
  }
  return requests.map((request, prompt) => {
    const own: JsonObject[] = [];
    for (let sample = 0; sample < samples; sample++) own.push({ ...byIndex.get(prompt * samples + sample), index: sample });
    const events: ModelEvent[] = [];
    const decoder = new ChatStreamDecoder(settings);
    decoder.push({ ...body, choices: own }, events);
    decoder.end(events, true);
    const usage = usageOf(request, events);
    if (usage !== undefined) events.push({ type: 'usage', usage });
    return events;
  });
}

/** Token ids count themselves, and so do log-probabilities. */
function usageOf(request: ModelRequest, events: readonly ModelEvent[]): Usage | undefined {
  const prompt = rawPrompt(request);
  const logprobs = events.filter((event) => event.type === 'logprobs');
  const usage: { -readonly [K in keyof Usage]: Usage[K] } = {};
  if (typeof prompt !== 'string') usage.inputTokens = prompt.length;
  if (logprobs.length > 0) usage.outputTokens = logprobs.reduce((sum, event) => sum + event.tokens.length, 0);
  return Object.keys(usage).length === 0 ? undefined : usage;
}

function parse(text: string, endpoint: string): JsonObject {
  let body: JsonValue;
  try {
    body = JSON.parse(markedKeys(text));
  } catch (cause) {
    throw unexpectedAnswer(text, endpoint, cause);
  }
  if (!isJsonObject(body)) throw unexpectedAnswer(text, endpoint);
  if (isJsonObject(body['error'])) throw providerError(endpoint, body);
  return body;
}
