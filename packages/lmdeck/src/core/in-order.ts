/** Work to start: how much of the limit it takes, and the work. */
export interface Job<R> {
  readonly weight: number;
  run(): Promise<R>;
}

interface Started<R> {
  readonly result: Promise<R>;
  ended: boolean;
}

/**
 * Runs jobs side by side and gives their results in order, each as soon as it and those before it are there, also while the source has no
 * next job yet. A job is started when the weights of those that run leave room for it (one that is heavier than the limit runs alone), and
 * while not more than `ahead` results wait for an earlier one; so memory stays bounded whatever the source. Throws what the first job in
 * order that failed threw, and what the source threw after the jobs before it; then, and when the reader leaves, those that run are not waited for.
 */
export async function* inOrder<R>(jobs: AsyncIterable<Job<R>>, limit: number, ahead: number = limit * 8): AsyncIterable<R> {
  const source = jobs[Symbol.asyncIterator]();
  const waiting: Started<R>[] = [];
  let running = 0;
  let job: Job<R> | undefined;
  const asking: { state: 'open' | 'asked' | 'ended' } = { state: 'open' };
  let failure: { readonly reason: unknown } | undefined;
  let news = Promise.withResolvers<void>();
  const tell = (): void => {
    news.resolve();
    news = Promise.withResolvers<void>();
  };
  const ask = async (): Promise<void> => {
    asking.state = 'asked';
    try {
      const next = await source.next();
      asking.state = next.done === true ? 'ended' : 'open';
      if (next.done !== true) job = next.value;
    } catch (reason) {
      asking.state = 'ended';
      failure = { reason };
    }
    tell();
  };
  const start = (next: Job<R>): void => {
    const { weight } = next;
    running += weight;
    const started: Started<R> = { result: next.run(), ended: false };
    const release = (): void => {
      running -= weight;
      started.ended = true;
      tell();
    };
    started.result.then(release, release);
    waiting.push(started);
  };
  try {
    for (;;) {
      const [first] = waiting;
      if (first?.ended === true) {
        waiting.shift();
        yield await first.result;
      } else if (job !== undefined && waiting.length < ahead && (running === 0 || running + job.weight <= limit)) {
        const next = job;
        job = undefined;
        start(next);
      } else if (job === undefined && asking.state === 'ended' && first === undefined) {
        if (failure !== undefined) throw failure.reason;
        return;
      } else {
        const { promise } = news;
        if (job === undefined && asking.state === 'open' && waiting.length < ahead) void ask();
        await promise;
      }
    }
  } finally {
    // A source that is about to give its next job is not waited for.
    if (asking.state !== 'ended') void source.return?.().catch(() => undefined);
  }
}
