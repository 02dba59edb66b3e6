import type { BatchLimits, CallContext, Capabilities, EventPipe, Model, ModelRequest, OptionsSchema } from '../../core/index.ts';
import { lazyBatches, type BatchCalls } from '../batches/lazy-batches.ts';
import type { ChatModelOptions } from '../openai-compatible/chat-model.ts';
import { describeChatModel } from '../openai-compatible/describe-chat-model.ts';
import { EndpointClient } from '../openai-compatible/endpoint-client.ts';
import { endpointRevision } from '../openai-compatible/endpoint-revision.ts';
import type { ProtocolTarget } from './answer-protocol.ts';
import { LateEvents } from './late-events.ts';

/** Asks a provider; see `askProvider`. */
type Ask = (client: EndpointClient, target: ProtocolTarget, request: ModelRequest, context: CallContext) => EventPipe;

/** A provider with a protocol of its own. What calls take is loaded with the first of them. */
export interface Provider {
  readonly name: 'anthropic' | 'gemini';
  readonly capabilities: Capabilities;
  readonly options: OptionsSchema;
  readonly batchLimits: BatchLimits;
  readonly ask: () => Promise<Ask>;
  readonly batches: (client: EndpointClient, target: ProtocolTarget) => Promise<BatchCalls>;
}

/**
 * A model of a provider: its key, its headers and how it is asked.
 * @throws LmdeckError `config` for a base URL that is none.
 */
export function providerModel(options: ChatModelOptions, provider: Provider): Model {
  const { name, model, extraBody, batches, refuses } = options;
  const client = new EndpointClient(options);
  const target: ProtocolTarget = { name, model, extraBody };
  const revision = endpointRevision(options);
  let ask: Ask | undefined;
  return {
    id: `${name}/${model}`,
    endpoint: client.publicUrl,
    ...(revision === undefined ? {} : { revision }),
    capabilities: {
      streaming: refuses?.includes('stream') !== true,
      tools: true,
      schema: true,
      ...provider.capabilities,
      ...options.capabilities,
    },
    options: provider.options,
    ...(batches === false
      ? {}
      : {
          batches: lazyBatches(
            {
              provider: provider.name,
              endpoint: client.publicUrl,
              limits: { ...provider.batchLimits, ...batches?.limits },
              priceShare: batches?.priceShare ?? 0.5,
            },
            () => provider.batches(client, target),
          ),
        }),
    toJSON: () => describeChatModel(options, provider.name),
    generate: (request, context) =>
      ask === undefined
        ? new LateEvents(async () => (ask = await provider.ask())(client, target, request, context))
        : ask(client, target, request, context),
  };
}
