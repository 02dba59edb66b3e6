import type { Model } from '../../core/index.ts';
import { lazyBatches } from '../batches/lazy-batches.ts';
import type { ChatModelOptions } from '../openai-compatible/chat-model.ts';
import { describeChatModel } from '../openai-compatible/describe-chat-model.ts';
import { EndpointClient } from '../openai-compatible/endpoint-client.ts';
import { endpointRevision } from '../openai-compatible/endpoint-revision.ts';
import { geminiOptions } from './gemini-options.ts';

/**
 * A model behind Google's Gemini API, asked for whole answers. Bare: no retry, no limits, no record; wrap it with `languageModel`, or
 * take {@link gemini}.
 *
 * @throws LmdeckError `config` for a base URL that is none. Calls throw `missing-key`, the server's errors, `content-filter`, `network`
 * and `invalid-response`.
 */
export function geminiModel(options: ChatModelOptions): Model {
  const client = new EndpointClient(options);
  const target = { name: options.name, model: options.model, extraBody: options.extraBody };
  const revision = endpointRevision(options);
  return {
    id: `${options.name}/${options.model}`,
    endpoint: client.publicUrl,
    ...(revision === undefined ? {} : { revision }),
    capabilities: {
      tools: true,
      schema: true,
      samples: true,
      attachments: ['image/*', 'audio/*', 'video/*', 'application/pdf', 'text/*'],
      ...options.capabilities,
    },
    options: geminiOptions,
    ...(options.batches === false
      ? {}
      : {
          batches: lazyBatches(
            {
              provider: 'gemini',
              endpoint: client.publicUrl,
              // ai.google.dev, "Batch API": files of 2 GB. Google names no number of rows.
              limits: { maxRows: 100_000, maxBytes: 2_000_000_000, maxSamples: 8, ...options.batches?.limits },
              priceShare: options.batches?.priceShare ?? 0.5,
            },
            async () => (await import('./batches/gemini-jobs.ts')).geminiJobs(client, target),
          ),
        }),
    toJSON: () => describeChatModel(options, 'gemini'),
    generate: (request, context) => ({
      async *[Symbol.asyncIterator]() {
        const { askGemini } = await import('./ask-gemini.ts');
        yield await askGemini(client, target, request, context);
      },
    }),
  };
}
