/** Calls through a rate limiter, alone: what they call answers at once. */
import { Aborter, createRequest, EventPipe, user, type CallContext, type EventReceiver, type Model } from 'lmdeck/core';
import { rateLimiter, type RateLimiter } from 'lmdeck/limits';
import { moreThanEnough, places } from '../limiter-load.ts';
import type { Tasks } from '../task.ts';

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };
const usage = { type: 'usage', usage: { inputTokens: 12, outputTokens: 1 } } as const;

/** An answer that is there when it is asked for. */
class Answer extends EventPipe {
  #given = false;

  pull(receiver: EventReceiver): void {
    if (this.#given) return receiver.ended();
    this.#given = true;
    receiver.received(usage);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    return done;
  }
}

const model: Model = { id: 'm', capabilities: {}, generate: () => new Answer() };
const request = createRequest({ messages: [user('Is this limited, and how much does it cost?')] });
// As the calls of a language model have it.
const { signal } = new Aborter();

async function one({ wrapper }: RateLimiter, index: number): Promise<string> {
  const context: CallContext = {
    callId: 'call',
    model,
    startedAt: 0,
    signal,
    stream: false,
    runId: `run-${index % 4}`,
    trace: { attempts: 1 },
  };
  let items = 0;
  for await (const _ of wrapper(request, context, () => new Answer())) items++;
  return items === 1 ? 'ok' : 'not ok';
}

export function open(): Tasks {
  const limiter = rateLimiter({ requestsPerMinute: moreThanEnough, tokensPerMinute: moreThanEnough * 1000, concurrency: places });
  return { call: { run: (index) => one(limiter, index) } };
}
