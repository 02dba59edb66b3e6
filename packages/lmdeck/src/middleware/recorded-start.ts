import type { CallContext, CallStart, CallTrace, JsonObject, Model, ModelRequest } from '../core/index.ts';
import { callIdentity } from './call-identity.ts';

/**
 * What a store is told when a call starts. A store keeps it until it has written it, and with it all that it leads to: therefore it
 * leads to the request and not to the running call, whose sockets and buffers would have to be copied by every collection of garbage.
 */
export class RecordedStart implements CallStart {
  readonly id: string;
  readonly startedAt: number;
  readonly model: string;
  readonly request: ModelRequest;
  readonly stream: boolean;
  readonly conversationId: string;
  declare readonly endpoint?: string;
  declare readonly revision?: string;
  declare readonly runId?: string;
  declare readonly parentCallId?: string;
  declare readonly metadata?: JsonObject;
  readonly #model: Model;
  readonly #trace: CallTrace;

  constructor(request: ModelRequest, context: CallContext, runId: string | undefined) {
    const { model, callId, conversationId, parentCallId, metadata } = context;
    this.id = callId;
    this.startedAt = context.startedAt;
    this.model = model.id;
    this.request = request;
    this.stream = context.stream;
    this.conversationId = conversationId ?? callId;
    this.#model = model;
    this.#trace = context.trace;
    if (model.endpoint !== undefined) this.endpoint = model.endpoint;
    if (model.revision !== undefined) this.revision = model.revision;
    if (runId !== undefined) this.runId = runId;
    if (parentCallId !== undefined) this.parentCallId = parentCallId;
    if (metadata !== undefined) this.metadata = metadata;
  }

  // Digests cost a start-up 4 ms: they are made when the store writes, not while the request waits to be sent.

  get requestKey(): string {
    return callIdentity(this.#model, this.request, this.#trace).requestKey;
  }

  get messageHashes(): readonly string[] {
    return callIdentity(this.#model, this.request, this.#trace).messageHashes;
  }
}
