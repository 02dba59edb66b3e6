import {
  assistant,
  chainHashes,
  createRequest,
  requestKey,
  system,
  ulid,
  user,
  type CallEnd,
  type CallStart,
  type CallStore,
  type JsonObject,
  type ModelRequest,
} from 'lmdeck';
import { recordAt } from './records.ts';
import { systemText, temperature } from './workload.ts';

/** The model that made the recorded calls. */
export const identity = { id: 'openai/gpt-4o-mini', endpoint: 'https://api.openai.com/v1' };

/** What the record wrapper tells a tape about one call. */
export interface RecordedCall {
  readonly start: CallStart;
  readonly end: CallEnd;
}

export function callAt(index: number): RecordedCall {
  const { prompt, answer } = recordAt(index);
  const request = createRequest({ messages: [system(systemText), user(prompt)], options: { temperature } });
  const start: CallStart = {
    id: ulid(),
    startedAt: Date.now(),
    model: identity.id,
    endpoint: identity.endpoint,
    request,
    ...keysOf(request),
    stream: false,
  };
  const end: CallEnd = {
    status: 'ok',
    samples: [{ message: assistant(answer), finish: { reason: 'stop', raw: 'stop' } }],
    usage: { inputTokens: 310, outputTokens: 180 },
    responseId: `chatcmpl-${index}`,
    resolvedModel: 'gpt-4o-mini-2024-07-18',
    durationMs: 1200,
    attempts: 1,
  };
  return { start, end };
}

/** Puts a call with this request and a short answer into a store. */
export function fileCall(store: CallStore, request: ModelRequest, metadata: JsonObject): void {
  const id = ulid();
  store.start({ id, startedAt: Date.now(), model: identity.id, request, ...keysOf(request), stream: false, metadata });
  store.finish(id, { status: 'ok', samples: [{ message: assistant('ok'), finish: { reason: 'stop' } }], durationMs: 1, attempts: 1 });
}

/** The call with its hashes computed anew: those of its messages are remembered, so it gets copies of them. */
export function identify(start: CallStart): CallStart {
  const request = createRequest({ ...start.request, messages: start.request.messages.map((message) => ({ ...message })) });
  return { ...start, request, ...keysOf(request) };
}

function keysOf(request: CallStart['request']): Pick<CallStart, 'requestKey' | 'messageHashes'> {
  const messageHashes = chainHashes(request.messages);
  return { messageHashes, requestKey: requestKey(identity, request, messageHashes.at(-1)) };
}
