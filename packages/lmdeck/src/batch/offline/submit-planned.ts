import { LmdeckError } from '../../core/index.ts';
import { enqueuedElsewhere, enqueuedHere } from './enqueued.ts';
import type { RunContext } from './run-context.ts';
import type { PartState } from './run-state.ts';
import { submitPart } from './submit-part.ts';

/** Hands in the parts that have room in the provider's queue, and finds out about those of which nobody knows whether they were taken. */
export async function submitPlanned(context: RunContext): Promise<void> {
  const { maxEnqueuedTokens = Infinity } = context.state.head;
  let elsewhere: number | undefined;
  const hasRoom = async ({ tokens, crowded }: PartState): Promise<boolean> => {
    if (maxEnqueuedTokens === Infinity && crowded !== true) return true;
    const queue = enqueuedHere(context) + (elsewhere ??= await enqueuedElsewhere(context));
    return queue + tokens <= maxEnqueuedTokens && (crowded !== true || queue === 0);
  };
  for (const part of context.state.parts) {
    const { rows, stage } = part;
    if (rows === 0 || (stage !== 'planned' && stage !== 'uncertain')) continue;
    // One that may be there already has its place in the queue; a cancelled run must still know what it has.
    if (stage === 'planned' && (context.state.cancelled || !(await hasRoom(part)))) continue;
    if (!(await submitPart(context, part.part))) return;
  }
}

/** The same; but whether a job was taken can show later: then there is time. */
export async function submitWhatIsKnown(context: RunContext): Promise<void> {
  try {
    await submitPlanned(context);
  } catch (thrown) {
    const error = LmdeckError.from(thrown);
    if (error.code !== 'conflict') throw error;
    const part = typeof error.data?.['part'] === 'number' ? error.data['part'] : 0;
    context.tell({ type: 'refused', run: context.run, part, message: error.message });
  }
}
