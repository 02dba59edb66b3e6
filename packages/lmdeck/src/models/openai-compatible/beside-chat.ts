import type { CallContext, Model, ModelEvents, ModelRequest } from '../../core/index.ts';
import type { EncodingTarget } from './encode-chat-request.ts';
import type { EndpointClient } from './endpoint-client.ts';

/** What a chat server can do besides answering messages. */
export interface BesideChat extends Pick<Model, 'scoreBatch' | 'hiddenStates'> {
  /** Continues a raw prompt. */
  readonly raw: (request: ModelRequest, context: CallContext) => ModelEvents;
}

/** Raw prompts, scores and hidden states. Programs that only chat never load the code of it. */
export function besideChat(client: EndpointClient, target: EncodingTarget, modelId: string): BesideChat {
  const { capabilities } = target;
  const raw = once(async () => {
    const { rawCompletions } = await import('./completions/raw-completions.ts');
    return rawCompletions(client, target, client.endpoint.batchPrompts ?? 1);
  });
  const scorer = once(async () => {
    const { endpointScorer } = await import('./scoring/endpoint-scorer.ts');
    return endpointScorer(client, target, modelId);
  });
  const states = once(async () => {
    const { pooledStates } = await import('./pooling/pooled-states.ts');
    return pooledStates(client, target, modelId);
  });
  return {
    raw: (request, context) => ({
      async *[Symbol.asyncIterator]() {
        yield* (await raw())(request, context);
      },
    }),
    ...(capabilities.score === undefined ? {} : { scoreBatch: async (requests, context) => (await scorer())(requests, context) }),
    ...(capabilities.hiddenStates === true ? { hiddenStates: async (input, options) => (await states())(input, options) } : {}),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
