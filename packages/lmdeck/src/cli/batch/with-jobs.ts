import type { OfflineOptions } from '../../batch/index.ts';
import { LmdeckError } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Invocation } from '../args/command.ts';
import { interruptible } from '../io/interruptible.ts';
import { progressLine, type Progress } from '../io/progress.ts';
import { offlineOptions } from './offline-options.ts';

/** What work on jobs of a provider takes. */
interface JobWork {
  readonly offline: OfflineOptions;
  readonly progress: Progress;
  /** The run, as soon as it is known. */
  readonly run: () => string | undefined;
}

/**
 * Works on jobs of a provider. Ctrl-C detaches: they go on, and what is said then is how to go on with them.
 * @param onRun told the run before anything of it is handed in.
 */
export function withJobs(
  call: Invocation,
  deck: Deck,
  work: (jobs: JobWork) => Promise<number>,
  known?: string,
  onRun?: (run: string) => void,
): Promise<number> {
  const { io } = call;
  return interruptible(io, async (signal) => {
    const progress = progressLine(io);
    let run = known;
    const offline = await offlineOptions(call, deck, progress, signal, (event) => {
      if (run !== event.run) onRun?.(event.run);
      run = event.run;
    });
    try {
      return await work({ offline, progress, run: () => run });
    } catch (error) {
      const isDetached = LmdeckError.from(error).code === 'aborted';
      if (run !== undefined)
        progress.note(`${isDetached ? 'Detached: the jobs go on.' : 'Nothing is lost.'} Go on with: lmdeck batch wait ${run}`);
      throw error;
    } finally {
      progress.end();
    }
  });
}
