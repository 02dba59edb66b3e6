import { LmdeckError } from '../../core/index.ts';

/** What a task's own functions, filters or metrics failed with, and where: a mistake of the task, unless a model that they asked has failed. */
export function ofTask(reason: unknown, where: string): LmdeckError {
  const error = LmdeckError.from(reason);
  if (error.message.startsWith('task ')) return error;
  return error.code === 'internal' || error.code === 'config'
    ? new LmdeckError('config', `${where}: ${error.message}`, { ...error.toInfo(), cause: error })
    : error;
}
