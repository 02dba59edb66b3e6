import { chainHashes, type Model, type ModelRequest, requestKey } from '../core/index.ts';

/** What names a request to a model. */
export interface CallIdentity {
  readonly messageHashes: readonly string[];
  readonly requestKey: string;
}

const known = new WeakMap<ModelRequest, { readonly model: Model; readonly identity: CallIdentity }>();

/** The hashes of a request, computed once for all wrappers that a call passes. */
export function callIdentity(model: Model, request: ModelRequest): CallIdentity {
  const before = known.get(request);
  if (before !== undefined && before.model === model) return before.identity;
  const messageHashes = chainHashes(request.messages);
  const identity = { messageHashes, requestKey: requestKey(model, request, messageHashes.at(-1)) };
  known.set(request, { model, identity });
  return identity;
}
