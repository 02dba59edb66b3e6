import type { BatchApi, BatchLimits } from '../../../core/index.ts';
import { lazyBatches } from '../../batches/lazy-batches.ts';
import type { EncodingTarget } from '../encode-chat-request.ts';
import type { EndpointClient } from '../endpoint-client.ts';
import type { BatchProtocol } from '../endpoint.ts';

/** What a job may have at OpenAI (developers.openai.com, "Batch API") and Mistral (docs.mistral.ai, "Batch inference"). */
const LIMITS: Readonly<Record<BatchProtocol['protocol'], BatchLimits>> = {
  openai: { maxRows: 50_000, maxBytes: 200_000_000 },
  mistral: { maxRows: 1_000_000, maxBytes: 500_000_000 },
};

/** How many samples one request draws where it can draw several. */
const MAX_SAMPLES = 128;

/** The jobs of a chat server; `undefined` for one that takes none. */
export function chatBatches(client: EndpointClient, target: EncodingTarget): BatchApi | undefined {
  const { batches = { protocol: 'openai' } } = client.endpoint;
  if (batches === false) return undefined;
  const { protocol, priceShare = 1, limits } = batches;
  return lazyBatches(
    {
      provider: protocol,
      endpoint: client.publicUrl,
      priceShare,
      limits: { ...LIMITS[protocol], maxSamples: target.capabilities.samples === true ? MAX_SAMPLES : 1, ...limits },
    },
    async () => {
      if (protocol === 'mistral') return (await import('./mistral-jobs.ts')).mistralJobs(client, target);
      return (await import('./openai-jobs.ts')).openaiJobs(client, target);
    },
  );
}
