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
 * Runs jobs side by side and gives their results in order. A job is started when the weights of those that run leave room for it (one that
 * is heavier than the limit runs alone), and while not more than `ahead` results wait for an earlier one; so memory stays bounded whatever
 * the source. Throws what the first job in order that failed threw; then, and when the reader leaves, those that run are not waited for.
 */
export async function* inOrder<R>(jobs: AsyncIterable<Job<R>>, limit: number, ahead: number = limit * 8): AsyncIterable<R> {
  const waiting: Started<R>[] = [];
  const load = { running: 0, freed: Promise.withResolvers<void>() };
  const start = (job: Job<R>): void => {
    load.running += job.weight;
    const started: Started<R> = { result: job.run(), ended: false };
    const release = (): void => {
      load.running -= job.weight;
      started.ended = true;
      load.freed.resolve();
      load.freed = Promise.withResolvers<void>();
    };
    started.result.then(release, release);
    waiting.push(started);
  };
  for await (const job of jobs) {
    while (load.running > 0 && load.running + job.weight > limit) {
      await load.freed.promise;
      while (waiting[0]?.ended === true) yield await takeFirst(waiting);
    }
    start(job);
    while (waiting[0]?.ended === true || waiting.length >= ahead) yield await takeFirst(waiting);
  }
  while (waiting.length > 0) yield await takeFirst(waiting);
}

function takeFirst<R>(waiting: Started<R>[]): Promise<R> {
  const [first] = waiting.splice(0, 1);
  if (first === undefined) throw new RangeError('nothing is waiting');
  return first.result;
}
