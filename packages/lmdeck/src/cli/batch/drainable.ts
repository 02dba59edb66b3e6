import { LmdeckError } from '../../core/index.ts';
import type { CliIo } from '../io/cli-io.ts';

/** How work is told to end. */
export interface Ends {
  /** Begin nothing more. */
  readonly stop: AbortSignal;
  /** End what is under way. */
  readonly abort: AbortSignal;
}

/** Runs work that the first Ctrl-C, SIGTERM or SIGHUP lets come to its end, and the second one ends at once. */
export async function drainable<T>(io: CliIo, work: (ends: Ends) => Promise<T>): Promise<T> {
  const [stop, abort] = [new AbortController(), new AbortController()];
  // A terminal that is closed is told twice: its output is gone, and the signal comes.
  let isAsked = false;
  const forget = io.onStop(() => {
    const interrupted = new LmdeckError('aborted', 'Interrupted.');
    if (isAsked) abort.abort(interrupted);
    else {
      isAsked = true;
      io.note('\nRows under way come to their end; Ctrl-C again stops at once.');
      stop.abort(interrupted);
    }
  });
  io.onClosed(() => stop.abort(new LmdeckError('aborted', 'Nobody reads the output any more.')));
  try {
    return await work({ stop: stop.signal, abort: abort.signal });
  } finally {
    forget();
  }
}
