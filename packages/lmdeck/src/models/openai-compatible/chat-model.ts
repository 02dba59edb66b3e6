import { canonicalJson, type CallContext, type Model, type ModelEvent, type ModelEvents, type ModelRequest } from '../../core/index.ts';
import { AnswerDecoder } from './answer-decoder.ts';
import { AnswerIterator } from './answer-iterator.ts';
import { chatOptions } from './chat-options.ts';
import type { AnswerSettings } from './choice-decoder.ts';
import { decodeChatCompletion } from './decode-chat-completion.ts';
import { encodeChatRequest, type EncodingTarget } from './encode-chat-request.ts';
import { EndpointClient } from './endpoint-client.ts';
import { endpointCapabilities, type Endpoint } from './endpoint.ts';

const PATH = '/chat/completions';

/** An endpoint and the model to ask there. */
export interface ChatModelOptions extends Endpoint {
  /** The model's name on the wire, e.g. `gpt-5.6-luna`. */
  readonly model: string;
  /** Which build of the model it is, where its name does not tell; part of the request key. */
  readonly revision?: string | undefined;
}

/**
 * A model behind any server that speaks OpenAI's chat completions: OpenAI, OpenRouter, vLLM, llama-server, Ollama, TGI, LM
 * Studio and others (see {@link presets}). Bare: no retry, no limits, no record; wrap it with `languageModel`.
 *
 * @throws LmdeckError `config` for a base URL that is none. Calls throw `missing-key`, the server's errors, `network`,
 * `incomplete-response` and `invalid-response`.
 *
 * @example
 * ```ts
 * import { languageModel, chatModel, presets } from 'lmdeck';
 *
 * const model = languageModel(chatModel({ ...presets.vllm, baseUrl: 'http://10.0.0.5:8000/v1', model: 'qwen3-8b' }));
 * console.log(model.id, model.endpoint); // vllm/qwen3-8b http://10.0.0.5:8000/v1
 * ```
 */
export function chatModel(options: ChatModelOptions): Model {
  const client = new EndpointClient(options);
  const capabilities = endpointCapabilities(options);
  const target: EncodingTarget = { ...options, capabilities };
  const revision = revisionOf(options);
  return {
    id: `${options.name}/${options.model}`,
    endpoint: client.publicUrl,
    ...(revision === undefined ? {} : { revision }),
    capabilities,
    options: chatOptions(options.refuses),
    generate(request, context): ModelEvents {
      const settings: AnswerSettings = {
        endpoint: options.name,
        turn: request.messages.length,
        reasoningField: options.reasoningField,
      };
      return context.stream ? streamed(client, target, settings, request, context) : whole(client, target, settings, request, context);
    },
  };
}

/** Fields that every request carries change the answers, so they must be part of the request key. */
function revisionOf({ revision, extraBody }: ChatModelOptions): string | undefined {
  const fields = extraBody === undefined ? '' : canonicalJson(extraBody);
  return `${revision ?? ''} ${fields}`.trim() || undefined;
}

function streamed(
  client: EndpointClient,
  target: EncodingTarget,
  settings: AnswerSettings,
  request: ModelRequest,
  context: CallContext,
): ModelEvents {
  const open = async () => client.send(PATH, encodeChatRequest(request, target, true), 'text/event-stream', context);
  return { [Symbol.asyncIterator]: () => new AnswerIterator(open, settings) };
}

/** One batch. By hand and not as an async generator, which would cost three more promises per call. */
function whole(
  client: EndpointClient,
  target: EncodingTarget,
  settings: AnswerSettings,
  request: ModelRequest,
  context: CallContext,
): ModelEvents {
  const out: ModelEvent[] = [];
  let failure: { readonly error: unknown } | undefined;
  let asked = false;
  const ask = async (): Promise<IteratorResult<ModelEvent[], undefined>> => {
    asked = true;
    const response = await client.send(PATH, encodeChatRequest(request, target, false), 'application/json', context);
    const text = await response.text();
    try {
      if (text.startsWith('{')) decodeChatCompletion(text, settings, out);
      else decodeUnasked(text, settings, out);
    } catch (error) {
      if (out.length === 0) throw error;
      failure = { error };
    }
    return { done: false, value: out };
  };
  const end = async (): Promise<IteratorResult<ModelEvent[], undefined>> => {
    if (failure !== undefined) throw failure.error;
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next: () => (asked ? end() : ask()) }) };
}

/** Some servers stream although they were not asked to. */
function decodeUnasked(text: string, settings: AnswerSettings, out: ModelEvent[]): void {
  const decoder = new AnswerDecoder(settings);
  try {
    decoder.push(Buffer.from(text), out);
    decoder.end(out);
  } catch (error) {
    decoder.breakOff(out);
    throw error;
  }
}
