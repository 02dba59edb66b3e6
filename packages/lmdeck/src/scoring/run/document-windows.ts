import type { TaskItem, TaskRequest } from '../tasks/evaluation-task.ts';

/** Enough to bring into order, and little enough to hold in memory. */
const REQUESTS = 512;
const CHARACTERS = 2 ** 22;

/** Documents in portions: whole ones, until they are so many requests or so much text. */
export async function* documentWindows(items: AsyncIterable<TaskItem>, repeats: number): AsyncIterable<readonly TaskItem[]> {
  let window: TaskItem[] = [];
  let requests = 0;
  let characters = 0;
  for await (const item of items) {
    window.push(item);
    requests += item.requests.length * repeats;
    for (const request of item.requests) characters += lengthOf(request);
    if (requests < REQUESTS && characters < CHARACTERS && window.length < REQUESTS) continue;
    yield window;
    window = [];
    requests = 0;
    characters = 0;
  }
  if (window.length > 0) yield window;
}

function lengthOf(request: TaskRequest): number {
  if (request.type === 'loglikelihood_rolling') return request.text.length;
  const { context } = request;
  return typeof context === 'string' ? context.length : context.reduce((sum, turn) => sum + turn.content.length, 0);
}
