import type { Model, ModelEvents } from '../../core/index.ts';
import { AnswerDecoder } from './answer-decoder.ts';
import { AnswerIterator } from './answer-iterator.ts';
import { chatBatches } from './batches/chat-batches.ts';
import { besideChat } from './beside-chat.ts';
import { chatOptions } from './chat-options.ts';
import type { AnswerSettings } from './choice-decoder.ts';
import { describeChatModel } from './describe-chat-model.ts';
import { encodeChatRequest, type EncodingTarget } from './encode-chat-request.ts';
import { EndpointClient } from './endpoint-client.ts';
import { endpointRevision } from './endpoint-revision.ts';
import { endpointCapabilities, type Endpoint } from './endpoint.ts';
import { endpointTokens } from './tokens/endpoint-tokens.ts';
import { WholeAnswer } from './whole-answer.ts';

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
  const revision = endpointRevision(options);
  const id = `${options.name}/${options.model}`;
  const { raw, ...beside } = besideChat(client, target, id);
  const batches = chatBatches(client, target);
  return {
    id,
    endpoint: client.publicUrl,
    ...(revision === undefined ? {} : { revision }),
    capabilities,
    options: chatOptions(options.refuses),
    ...beside,
    ...(batches === undefined ? {} : { batches }),
    ...endpointTokens(options, options.model),
    toJSON: () => describeChatModel(options),
    generate(request, context): ModelEvents {
      if (request.messages[0]?.role === 'raw') return raw(request, context);
      const settings: AnswerSettings = {
        endpoint: options.name,
        turn: request.messages.length,
        reasoningField: options.reasoningField,
        hide: (error) => client.hide(error, context),
      };
      const { stream } = context;
      const accept = stream ? 'text/event-stream' : 'application/json';
      const open = () => client.send(PATH, encodeChatRequest(request, target, stream), accept, context);
      return stream ? new AnswerIterator(open, new AnswerDecoder(settings), settings.hide) : new WholeAnswer(open, settings);
    },
  };
}
