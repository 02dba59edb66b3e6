import {
  assistant,
  type CallEnd,
  type CallStart,
  chainHashes,
  createRequest,
  type Message,
  type Model,
  type ModelRequest,
  requestKey,
  ulid,
  user,
} from '../../core/index.ts';
import type { Tape } from '../tape.ts';

export interface CallFacts extends Partial<Omit<CallStart, 'request'>> {
  readonly request?: ModelRequest;
}

/** The start of a call: of a prompt, or of a whole request. */
export function callStart(prompt: string | readonly Message[], facts: CallFacts = {}): CallStart {
  const model: Pick<Model, 'id' | 'endpoint' | 'revision'> = {
    id: facts.model ?? 'test/model',
    ...(facts.endpoint === undefined ? {} : { endpoint: facts.endpoint }),
    ...(facts.revision === undefined ? {} : { revision: facts.revision }),
  };
  const request = facts.request ?? createRequest({ messages: typeof prompt === 'string' ? [user(prompt)] : prompt });
  const messageHashes = chainHashes(request.messages);
  const startedAt = facts.startedAt ?? Date.now();
  return {
    id: ulid(startedAt),
    model: model.id,
    stream: false,
    ...facts,
    startedAt,
    request,
    messageHashes,
    requestKey: requestKey(model, request, messageHashes.at(-1)),
  };
}

export function callEnd(answer: string | undefined, facts: Partial<CallEnd> = {}): CallEnd {
  return {
    status: 'ok',
    samples: answer === undefined ? [] : [{ message: assistant(answer), finish: { reason: 'stop' } }],
    durationMs: 1,
    attempts: 1,
    ...facts,
  };
}

/** Puts one ended call onto the tape; returns its id. */
export function put(
  tape: Tape,
  prompt: string | readonly Message[],
  answer: string | undefined,
  facts: CallFacts = {},
  end: Partial<CallEnd> = {},
): string {
  const start = callStart(prompt, facts);
  tape.start(start);
  tape.finish(start.id, callEnd(answer, end));
  return start.id;
}
