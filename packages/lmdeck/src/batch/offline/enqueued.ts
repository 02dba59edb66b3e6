import { LmdeckError } from '../../core/index.ts';
import type { RunContext } from './run-context.ts';
import { RunFolder, runIds } from './run-folder.ts';
import { isFinal, type PartState, type RunState } from './run-state.ts';

/** Tokens of this run's jobs that wait or run. */
export function enqueuedHere({ state }: RunContext): number {
  return state.parts.reduce((sum, part) => sum + (isUnderWay(part) ? part.tokens : 0), 0);
}

/**
 * Tokens of the jobs that other runs of this folder have under way at the same model of the same server: its queue is one. Where no process
 * looks after a run, what its journal says may be old, so the provider is asked.
 */
export async function enqueuedElsewhere(context: RunContext): Promise<number> {
  const { options, run, state } = context;
  let tokens = 0;
  for (const id of runIds(options.folder)) {
    const folder = new RunFolder(options.folder, id);
    const other = id === run ? undefined : stateOf(folder);
    if (other === undefined || other.head.model !== state.head.model || other.head.endpoint !== state.head.endpoint) continue;
    const isLookedAfter = folder.owner !== undefined;
    for (const part of other.parts) {
      // One that is being handed in at this moment has its place already.
      const counts = isLookedAfter ? isUnderWay(part) || part.stage === 'uncertain' : isUnderWay(part) && (await goesOn(context, part.job));
      if (counts) tokens += part.tokens;
    }
  }
  return tokens;
}

function isUnderWay({ stage, state }: PartState): boolean {
  return stage === 'open' && !isFinal(state);
}

/** `undefined` for a journal that cannot be read: nothing is known of its jobs. */
function stateOf(folder: RunFolder): RunState | undefined {
  try {
    return folder.state();
  } catch {
    return undefined;
  }
}

async function goesOn({ api, call }: RunContext, job: string | undefined): Promise<boolean> {
  if (job === undefined) return false;
  try {
    return !isFinal((await api.status(job, call)).state);
  } catch (thrown) {
    const { code } = LmdeckError.from(thrown);
    if (code === 'aborted') throw thrown;
    // A job that this key cannot see is in another account's queue.
    return code !== 'not-found' && code !== 'permission' && code !== 'authentication';
  }
}
