import type { BatchCallOptions } from '../../core/index.ts';
import type { RequestContext } from '../openai-compatible/endpoint-client.ts';

/** The options of a call as its request takes them. */
export function callContext({ signal, apiKey }: BatchCallOptions = {}): RequestContext {
  return { ...(signal === undefined ? {} : { signal }), ...(apiKey === undefined ? {} : { apiKey }) };
}
