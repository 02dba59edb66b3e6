import type { EvaluationTask } from '../../scoring/index.ts';

/** Documents whose requests are built to see that it can be done. */
const TRIED = 5;

/** What a look at a task found. */
export interface CheckedTask {
  readonly name: string;
  readonly outputType: string;
  readonly documents: number;
  /** Of one document. */
  readonly requests: number;
}

/**
 * Reads all documents of a task and builds the first requests, with examples if the task has them.
 * @throws LmdeckError `config` for what is wrong.
 */
export async function checkTask(task: EvaluationTask): Promise<CheckedTask> {
  const documents = await task.size();
  let requests = 0;
  for await (const item of task.items({ numFewshot: task.numFewshot }, (docId) => docId < TRIED)) requests = item.requests.length;
  return { name: task.name, outputType: task.outputType, documents, requests };
}
