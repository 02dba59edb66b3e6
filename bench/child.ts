/** The process of one library: loads its adapter and runs the slices it is told to. `node child.ts <client> <base URL> <folder>` */
import { clients } from './clients.ts';
import type { ChildMessage, Slice, SliceOrder, Task } from './task.ts';

const [name = '', baseUrl = '', folder = ''] = process.argv.slice(2);
const load = clients[name];
if (load === undefined) throw new Error(`There is no client ${name}; clients.ts has ${Object.keys(clients).join(', ')}.`);
const tasks = await (await load()).open({ baseUrl, folder });
let used = 0;

process.on('message', (order: SliceOrder) => {
  const task = tasks[order.task];
  const slice = task === undefined ? Promise.reject(new Error(`${name} has no task ${order.task}`)) : measure(task, order);
  slice.then(
    (slice) => tell({ type: 'slice', slice }),
    (error: unknown) => tell({ type: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
tell({ type: 'ready' });

async function measure(task: Task, { argument, count, concurrency }: SliceOrder): Promise<Slice> {
  const first = used;
  used += count;
  await task.prepare?.(first, count, argument);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  let next = first;
  let result = '';
  const worker = async (): Promise<void> => {
    while (next < used) result = await task.run(next++, argument);
  };
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker));
  await task.settle?.();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    wallMs,
    cpuUs: user + system,
    rssMb: process.memoryUsage.rss() / 1_048_576,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    result,
  };
}

function tell(message: ChildMessage): void {
  process.send?.(message);
}
