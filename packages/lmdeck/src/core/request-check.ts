import { LmdeckError } from './error.ts';
import type { ModelRequest } from './model-request.ts';
import type { Model } from './model.ts';
import { isScoreRequest } from './score-batches.ts';

/**
 * Holds a request against what the model can do, where sending it would get a wrong answer instead of an error.
 * @throws LmdeckError `capability` names the model, what it cannot do and one that can; `usage` for a request that makes no sense.
 */
export function checkRequest(model: Model, request: ModelRequest): void {
  const { messages } = request;
  const [first] = messages;
  const isRaw = first?.role === 'raw' || messages.at(-1)?.role === 'raw';
  if (isRaw && messages.length > 1)
    throw new LmdeckError('usage', 'A raw prompt is the only message of its request: no system prompt and no history go with it.');
  if (isScoreRequest(request)) checkScore(model, first?.role === 'raw' ? kindOfRaw(request) : 'chat');
  else if (isRaw && model.capabilities.raw !== true) {
    throw new LmdeckError(
      'capability',
      `${model.id} takes no raw prompts: it has only its chat format. Give it messages, or take a model that continues raw text: llama/tiny, or one on a server with /completions.`,
      { data: { model: model.id, capability: 'raw' } },
    );
  }
  checkCapabilities(model, request);
}

/** What a model would otherwise pass over without a word. */
function checkCapabilities({ capabilities, endpoint, id }: Model, { messages, samples, tools }: ModelRequest): void {
  if (tools !== undefined && capabilities.tools !== true) throw unable(id, 'tools', 'takes no tools');
  if (samples !== undefined && capabilities.samples !== true) throw unable(id, 'samples', oneSampleOnly(samples));
  // A server says itself what it does not take.
  if (capabilities.attachments !== undefined || endpoint?.startsWith('http') === true) return;
  for (const { parts } of messages)
    for (const part of parts) if (part.type === 'attachment') throw unable(id, 'attachments', `takes no attachments (${part.mediaType})`);
}

/** What is said of a model that was asked for so many samples in one call, and draws one. */
export function oneSampleOnly(samples: number): string {
  return `draws one sample per call: ask ${samples} times, with { sample: 0 } to { sample: ${samples - 1} }`;
}

function unable(model: string, capability: string, what: string): LmdeckError {
  return new LmdeckError('capability', `${model} ${what}.`, { data: { model, capability } });
}

function checkScore(model: Model, kind: 'text' | 'tokens' | 'chat'): void {
  const { score } = model.capabilities;
  if (score?.contexts.includes(kind) === true) return;
  const what =
    score === undefined ? 'score given text' : kind === 'chat' ? 'score answers to messages' : `score after a context of ${kind}`;
  const can = score === undefined ? '' : ` It takes contexts of: ${score.contexts.join(', ')}.`;
  throw new LmdeckError(
    'capability',
    `${model.id} cannot ${what}.${can} Models that can: llama/tiny and every other GGUF file, and those on a vLLM or llama-server.`,
    { data: { model: model.id, capability: 'score' } },
  );
}

function kindOfRaw({ messages }: ModelRequest): 'text' | 'tokens' {
  return messages[0]?.parts.some((part) => part.type === 'tokens') === true ? 'tokens' : 'text';
}
