import type { Model } from '../../core/index.ts';
import { lazyBatches } from '../batches/lazy-batches.ts';
import type { ChatModelOptions } from '../openai-compatible/chat-model.ts';
import { describeChatModel } from '../openai-compatible/describe-chat-model.ts';
import { EndpointClient } from '../openai-compatible/endpoint-client.ts';
import { endpointRevision } from '../openai-compatible/endpoint-revision.ts';
import { messagesOptions } from './messages-options.ts';

/**
 * A model behind Anthropic's Messages API, asked for whole answers. Bare: no retry, no limits, no record; wrap it with `languageModel`,
 * or take {@link anthropic}.
 *
 * @throws LmdeckError `config` for a base URL that is none. Calls throw `missing-key`, the server's errors, `network` and
 * `invalid-response`.
 */
export function messagesModel(options: ChatModelOptions): Model {
  const client = new EndpointClient(options);
  const target = { name: options.name, model: options.model, extraBody: options.extraBody };
  const revision = endpointRevision(options);
  return {
    id: `${options.name}/${options.model}`,
    endpoint: client.publicUrl,
    ...(revision === undefined ? {} : { revision }),
    capabilities: { tools: true, schema: true, attachments: ['image/*', 'application/pdf', 'text/plain'], ...options.capabilities },
    options: messagesOptions,
    ...(options.batches === false
      ? {}
      : {
          batches: lazyBatches(
            {
              provider: 'anthropic',
              endpoint: client.publicUrl,
              // platform.claude.com, "Batch processing".
              limits: { maxRows: 100_000, maxBytes: 256_000_000, maxSamples: 1, ...options.batches?.limits },
              priceShare: options.batches?.priceShare ?? 0.5,
            },
            async () => (await import('./batches/anthropic-jobs.ts')).anthropicJobs(client, target),
          ),
        }),
    toJSON: () => describeChatModel(options, 'anthropic'),
    generate: (request, context) => ({
      async *[Symbol.asyncIterator]() {
        const { askMessages } = await import('./ask-messages.ts');
        yield await askMessages(client, target, request, context);
      },
    }),
  };
}
