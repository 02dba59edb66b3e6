import { LmdeckError, type CallContext, type Model } from '../../../core/index.ts';
import type { EncodingTarget } from '../encode-chat-request.ts';
import { EndpointClient } from '../endpoint-client.ts';
import { serverRoot } from '../server-root.ts';
import { probeScoring } from './probe.ts';
import type { ScoreBackend, ScoreServer } from './score-server.ts';

type ScoreBatch = NonNullable<Model['scoreBatch']>;

/**
 * The `scoreBatch` of a model behind a server. How the server scores is found out at the first use and remembered, and so is a refusal.
 */
export function endpointScorer(client: EndpointClient, target: EncodingTarget, modelId: string): ScoreBatch {
  const { endpoint } = client;
  const root = new EndpointClient({ ...endpoint, baseUrl: serverRoot(endpoint.baseUrl) });
  const server: ScoreServer = { client, root, target, modelId };
  let known: Promise<ScoreBackend> | undefined;

  /** The probe is everybody's, so nobody's abort ends it. */
  const backend = (context: CallContext): Promise<ScoreBackend> => {
    const probe = (known ??= probeScoring(server, { ...context, signal: new AbortController().signal }));
    probe.catch((error: unknown) => {
      if (known === probe && !(LmdeckError.isInstance(error) && error.code === 'capability')) known = undefined;
    });
    return probe;
  };

  return async (requests, context) => {
    const found = await unlessAborted(backend(context), context.signal);
    return found.scores(requests, context);
  };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(LmdeckError.from(signal.reason, 'aborted'));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
