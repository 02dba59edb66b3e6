import Bottleneck from 'bottleneck';
import { moreThanEnough, places } from '../limiter-load.ts';
import type { Tasks } from '../task.ts';

export function open(): Tasks {
  const limiter = new Bottleneck({
    maxConcurrent: places,
    reservoir: moreThanEnough,
    reservoirRefreshAmount: moreThanEnough,
    reservoirRefreshInterval: 60_000,
  });
  return { call: { run: () => limiter.schedule(async () => 'ok') } };
}
