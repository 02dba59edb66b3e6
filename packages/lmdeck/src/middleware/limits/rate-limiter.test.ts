import { describe, expect, test } from 'vitest';
import { languageModel, LmdeckError, type LanguageModel, type Model } from '../../core/index.ts';
import { rateLimiter, type RateLimiterOptions } from './rate-limiter.ts';
import { retry } from '../retry.ts';
import { timeout } from '../timeout.ts';

interface Server {
  readonly model: Model;
  /** Prompts that are under way, and those that were. */
  readonly running: Set<string>;
  readonly begun: string[];
  most: number;
  /** Lets a prompt be answered, or fail. */
  answer(prompt: string, error?: LmdeckError): void;
}

/** A model that answers when it is told to. */
function server(id = 'test'): Server {
  const waiting = new Map<string, (error?: LmdeckError) => void>();
  const self: Server = {
    running: new Set(),
    begun: [],
    most: 0,
    answer: (prompt, error) => waiting.get(prompt)?.(error),
    model: {
      id,
      capabilities: { streaming: true },
      async *generate(request, { signal }) {
        const [part] = request.messages[0]?.parts ?? [];
        const prompt = part?.type === 'text' ? part.text : '';
        self.begun.push(prompt);
        self.running.add(prompt);
        self.most = Math.max(self.most, self.running.size);
        try {
          yield { type: 'text-delta', text: 'begun' };
          const error = await new Promise<LmdeckError | undefined>((resolve) => {
            waiting.set(prompt, resolve);
            signal.addEventListener('abort', () => resolve(LmdeckError.from(signal.reason, 'aborted')), { once: true });
          });
          if (error !== undefined) throw error;
          yield { type: 'finish', reason: 'stop' };
        } finally {
          self.running.delete(prompt);
        }
      },
    },
  };
  return self;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn();
}

function ask(model: LanguageModel, prompt: string, signal?: AbortSignal): Promise<string> {
  const text = model.prompt(prompt, { signal }).text();
  text.catch(() => undefined);
  return text;
}

describe('places', () => {
  test('lets so many through and the others in their order', async () => {
    const { model, running, begun, answer } = server();
    const limited = languageModel(model, rateLimiter({ concurrency: 2 }).wrapper);
    const all = ['a', 'b', 'c', 'd'].map((prompt) => ask(limited, prompt));
    await settle();
    expect([...running]).toEqual(['a', 'b']);
    answer('b');
    await settle();
    expect([...running]).toEqual(['a', 'c']);
    answer('a');
    answer('c');
    await settle();
    answer('d');
    await Promise.all(all);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is shared by all models that it is put around', async () => {
    const one = server('one');
    const two = server('two');
    const limit = rateLimiter({ concurrency: 1 }).wrapper;
    const first = ask(languageModel(one.model, limit), 'a');
    const second = ask(languageModel(two.model, limit), 'b');
    await settle();
    expect([one.begun, two.begun]).toEqual([['a'], []]);
    one.answer('a');
    await settle();
    two.answer('b');
    await Promise.all([first, second]);
  });

  test('whoever is aborted while waiting leaves the queue', async () => {
    const { model, begun, answer } = server();
    const limited = languageModel(model, rateLimiter({ concurrency: 1 }).wrapper);
    const controller = new AbortController();
    const first = ask(limited, 'a');
    const second = ask(limited, 'b', controller.signal);
    const third = ask(limited, 'c');
    await settle();
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: 'aborted' });
    answer('a');
    await settle();
    answer('c');
    await Promise.all([first, third]);
    expect(begun).toEqual(['a', 'c']);
  });

  test.each<[string, (model: LanguageModel, self: Server) => Promise<unknown>]>([
    [
      'fails',
      async (model, self) => {
        const failed = ask(model, 'a');
        await settle();
        self.answer('a', new LmdeckError('invalid-request', 'no'));
        await failed.catch(() => undefined);
      },
    ],
    [
      'is aborted',
      async (model) => {
        const controller = new AbortController();
        const aborted = ask(model, 'a', controller.signal);
        await settle();
        controller.abort();
        await aborted.catch(() => undefined);
      },
    ],
    [
      'is left by its reader',
      async (model) => {
        for await (const _ of model.prompt('a')) break;
      },
    ],
  ])('a call that %s gives its place back', async (_, leave) => {
    const self = server();
    const limited = languageModel(self.model, rateLimiter({ concurrency: 1 }).wrapper);
    await leave(limited, self);
    const next = ask(limited, 'b');
    await settle();
    expect(self.begun).toEqual(['a', 'b']);
    self.answer('b');
    expect(await next).toBe('begun');
  });

  test('waiting for a place is not waiting for the model', async () => {
    const { model, answer } = server();
    const limited = languageModel(model, rateLimiter({ concurrency: 1 }).wrapper, timeout());
    // The first one holds the place for longer than the second may wait for its model.
    const first = limited.prompt('a', { timeouts: { idleMs: 60 } }).text();
    const second = limited.prompt('b', { timeouts: { firstTokenMs: 20 } }).text();
    await expect(first).rejects.toMatchObject({ code: 'timeout' });
    await settle();
    answer('b');
    expect(await second).toBe('begun');
  });

  test('a call that waits before its repetition holds no place', async () => {
    const self = server();
    let failed = false;
    const flaky: Model = {
      ...self.model,
      generate: (request, context) => {
        if (failed) return self.model.generate(request, context);
        failed = true;
        throw new LmdeckError('server', 'down');
      },
    };
    const limited = languageModel(flaky, retry({ baseMs: 60, random: () => 0.99 }), rateLimiter({ concurrency: 1 }).wrapper);
    const first = ask(limited, 'a');
    const second = ask(limited, 'b');
    await settle();
    expect(self.begun).toEqual(['b']);
    self.answer('b');
    await second;
    await expect.poll(() => self.begun).toEqual(['b', 'a']);
    self.answer('a');
    await first;
  });

  test('parts of a place add up', async () => {
    const { model, running, answer } = server();
    const limited = languageModel(model, rateLimiter({ concurrency: 1, share: () => 1 / 3 }).wrapper);
    const all = ['a', 'b', 'c', 'd'].map((prompt) => ask(limited, prompt));
    await settle();
    expect([...running]).toEqual(['a', 'b', 'c']);
    for (const prompt of 'abc') answer(prompt);
    await settle();
    answer('d');
    await Promise.all(all);
  });

  test('a small one does not overtake a large one', async () => {
    const { model, running, answer } = server();
    const share: RateLimiterOptions['share'] = ({ messages }) =>
      messages[0]?.parts[0]?.type === 'text' && messages[0].parts[0].text === 'large' ? 1 : 1 / 2;
    const limited = languageModel(model, rateLimiter({ concurrency: 1, share }).wrapper);
    const all = ['a', 'large', 'b'].map((prompt) => ask(limited, prompt));
    await settle();
    expect([...running]).toEqual(['a']);
    answer('a');
    await settle();
    expect([...running]).toEqual(['large']);
    answer('large');
    await settle();
    answer('b');
    await Promise.all(all);
  });

  test.each<RateLimiterOptions>([
    { concurrency: 0 },
    { concurrency: Number.NaN },
    { requestsPerMinute: 0 },
    { tokensPerMinute: -1 },
    { requestsPerSecond: Infinity },
    { models: { m: { inputTokensPerMinute: Number.NaN } } },
  ])('%j are no limits', (options) => {
    expect(() => rateLimiter(options)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
