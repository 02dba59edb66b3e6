import type { Model } from '../../core/index.ts';
import type { ChatModelOptions } from '../openai-compatible/chat-model.ts';
import { providerModel } from '../protocols/provider-model.ts';
import { geminiOptions } from './gemini-options.ts';

/**
 * A model behind Google's Gemini API. Bare: no retry, no limits, no record; wrap it with `languageModel`, or take {@link gemini}.
 *
 * @throws LmdeckError `config` for a base URL that is none. Calls throw `missing-key`, the server's errors, `content-filter`, `network`,
 * `incomplete-response` and `invalid-response`.
 */
export function geminiModel(options: ChatModelOptions): Model {
  return providerModel(options, {
    name: 'gemini',
    capabilities: { samples: true, attachments: ['image/*', 'audio/*', 'video/*', 'application/pdf', 'text/*'] },
    options: geminiOptions,
    // ai.google.dev, "Batch API": files of 2 GB. Google names no number of rows.
    batchLimits: { maxRows: 100_000, maxBytes: 2_000_000_000, maxSamples: 8 },
    ask: async () => (await import('./ask-gemini.ts')).askGemini,
    batches: async (client, target) => (await import('./batches/gemini-jobs.ts')).geminiJobs(client, target),
  });
}
