import { LmdeckError } from '../../core/index.ts';
import type { RunContext } from './run-context.ts';

/** Takes a file off the account that nobody needs any more. Where that fails it is told, and the run goes on. */
export async function takeOff(context: RunContext, part: number, discard: () => Promise<void> | undefined): Promise<void> {
  try {
    await context.patiently(async () => discard());
  } catch (thrown) {
    const error = LmdeckError.from(thrown);
    if (error.code === 'aborted') throw error;
    context.tell({ type: 'kept', run: context.run, part, message: error.message });
  }
}
