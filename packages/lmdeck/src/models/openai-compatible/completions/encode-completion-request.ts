import { isJsonObject, LmdeckError, messageText, oneSampleOnly, type JsonValue, type ModelRequest } from '../../../core/index.ts';
import { wireField } from '../chat-options.ts';
import type { EncodingTarget } from '../encode-chat-request.ts';

type Body = Record<string, JsonValue | undefined>;

/** Options of chat completions that raw completions have nothing for. */
const CHAT_ONLY: ReadonlySet<string> = new Set(['reasoningEffort', 'verbosity', 'parallelToolCalls']);

/** A raw prompt as the wire takes it: text, or token ids. */
export function rawPrompt({ messages }: ModelRequest): string | number[] {
  const [message] = messages;
  const part = message?.parts[0];
  if (part?.type === 'tokens') return [...part.ids];
  return message === undefined ? '' : messageText(message);
}

/**
 * The body of a raw completion request, as JSON text: one prompt, or several that are asked for alike.
 * @throws LmdeckError `capability` for what raw completions do not take, or the endpoint is known not to.
 */
export function encodeCompletionRequest(requests: readonly ModelRequest[], target: EncodingTarget, stream: boolean): string {
  const [request, ...others] = requests;
  if (request === undefined) throw new LmdeckError('internal', `${target.name}: a completion request without a prompt.`);
  if (request.tools !== undefined) throw unable(target, 'takes no tools with a raw prompt');
  if (request.schema !== undefined)
    throw unable(target, 'takes no schema with a raw prompt: put the field that your server has for one into extraBody');
  const refuses = target.refuses ?? [];
  const body: Body = { model: target.model, prompt: others.length === 0 ? rawPrompt(request) : requests.map(rawPrompt) };
  addOptions(body, request, target, refuses);
  if (request.samples !== undefined) {
    if (target.capabilities.samples !== true) throw unable(target, oneSampleOnly(request.samples));
    body['n'] = request.samples;
  }
  if (stream && !refuses.includes('stream_options')) body['stream_options'] = { include_usage: true };
  Object.assign(body, target.extraBody, extraOf(request, target));
  if (stream) body['stream'] = true;
  else if ('stream' in body) delete body['stream'];
  return JSON.stringify(body);
}

function addOptions(body: Body, { options }: ModelRequest, target: EncodingTarget, refuses: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (name === 'extraBody' || name === 'logprobs' || name === 'topLogprobs') continue;
    const field = wireField(name);
    if (field === undefined) throw unable(target, `has no option "${name}": put server-specific fields into extraBody`);
    if (CHAT_ONLY.has(name)) throw unable(target, `does not take the option "${name}" with a raw prompt`);
    if (refuses.includes(field)) throw unable(target, `does not take the option "${name}"`);
    body[field] = value;
  }
  const { logprobs, topLogprobs } = options;
  const alternatives = typeof topLogprobs === 'number' ? topLogprobs : 0;
  if (logprobs !== true && alternatives === 0) return;
  if (refuses.includes('logprobs')) throw unable(target, 'does not take the option "logprobs"');
  // Here a number: how many alternatives. Some servers take 0 for none at all.
  body['logprobs'] = Math.max(1, alternatives);
}

function extraOf({ options: { extraBody } }: ModelRequest, target: EncodingTarget): Readonly<Record<string, JsonValue | undefined>> {
  if (extraBody === undefined) return {};
  if (isJsonObject(extraBody)) return extraBody;
  throw new LmdeckError('usage', `${target.name}: the option extraBody must be an object of body fields.`);
}

function unable(target: EncodingTarget, what: string): LmdeckError {
  return new LmdeckError('capability', `${target.name}/${target.model} ${what}.`);
}
