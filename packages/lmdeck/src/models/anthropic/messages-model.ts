import type { Model } from '../../core/index.ts';
import type { ChatModelOptions } from '../openai-compatible/chat-model.ts';
import { providerModel } from '../protocols/provider-model.ts';
import { messagesOptions } from './messages-options.ts';

/**
 * A model behind Anthropic's Messages API. Bare: no retry, no limits, no record; wrap it with `languageModel`, or take {@link anthropic}.
 *
 * @throws LmdeckError `config` for a base URL that is none. Calls throw `missing-key`, the server's errors, `network`,
 * `incomplete-response` and `invalid-response`.
 */
export function messagesModel(options: ChatModelOptions): Model {
  return providerModel(options, {
    name: 'anthropic',
    capabilities: { attachments: ['image/*', 'application/pdf', 'text/plain'] },
    options: messagesOptions,
    // platform.claude.com, "Batch processing".
    batchLimits: { maxRows: 100_000, maxBytes: 256_000_000, maxSamples: 1 },
    ask: async () => (await import('./ask-messages.ts')).askMessages,
    batches: async (client, target) => (await import('./batches/anthropic-jobs.ts')).anthropicJobs(client, target),
  });
}
