import { LmdeckError } from '../../core/index.ts';
import type { RunContext } from './run-context.ts';
import { isFinal } from './run-state.ts';
import { submitPart } from './submit-part.ts';

/** Hands in the parts that have room in the provider's queue, and finds out about those of which nobody knows whether they were taken. */
export async function submitPlanned(context: RunContext): Promise<void> {
  const { maxEnqueuedTokens = Infinity } = context.state.head;
  for (const { part, rows, tokens, stage, crowded } of context.state.parts) {
    if (rows === 0 || (stage !== 'planned' && stage !== 'uncertain')) continue;
    // One that may be there already has its place in the queue; a cancelled run must still know what it has.
    const queue = enqueued(context);
    const hasRoom = queue + tokens <= maxEnqueuedTokens && (crowded !== true || queue === 0);
    if (stage === 'planned' && (context.state.cancelled || !hasRoom)) continue;
    if (!(await submitPart(context, part))) return;
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

function enqueued({ state }: RunContext): number {
  return state.parts.reduce((sum, part) => (part.stage === 'open' && !isFinal(part.state) ? sum + part.tokens : sum), 0);
}
