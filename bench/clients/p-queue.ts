import PQueue from 'p-queue';
import { moreThanEnough, places } from '../limiter-load.ts';
import type { Tasks } from '../task.ts';

export function open(): Tasks {
  const queue = new PQueue({ concurrency: places, intervalCap: moreThanEnough, interval: 60_000 });
  return { call: { run: async () => queue.add(async () => 'ok') } };
}
