import { type CallTrace, chainHashes, type Model, type ModelRequest, requestKey } from '../core/index.ts';

/** What names a request to a model. */
export interface CallIdentity {
  readonly messageHashes: readonly string[];
  readonly requestKey: string;
}

interface KnownIdentity extends CallIdentity {
  readonly model: Model;
  readonly request: ModelRequest;
}

const known = Symbol('identity of this call');

type IdentifiedTrace = CallTrace & { [known]?: KnownIdentity };

/** The hashes of a request; computed once for all wrappers that a call passes, where they give its trace. */
export function callIdentity(model: Model, request: ModelRequest, trace?: IdentifiedTrace): CallIdentity {
  const before = trace?.[known];
  if (before !== undefined && before.request === request && before.model === model) return before;
  const messageHashes = chainHashes(request.messages);
  const identity = { model, request, messageHashes, requestKey: requestKey(model, request, messageHashes.at(-1)) };
  if (trace !== undefined) trace[known] = identity;
  return identity;
}
