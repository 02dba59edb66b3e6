import { LmdeckError } from '../../core/index.ts';
import type { CliIo } from './cli-io.ts';

/**
 * Runs work under a signal that Ctrl-C, SIGTERM, a closed terminal and a closed stdout abort. A second Ctrl-C leaves at once, whatever the work is
 * still waiting for.
 */
export async function interruptible<T>(io: CliIo, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const forced = Promise.withResolvers<never>();
  const stop = io.onStop(() => {
    if (controller.signal.aborted) forced.reject(new LmdeckError('aborted', 'Interrupted.'));
    controller.abort(new LmdeckError('aborted', 'Interrupted.'));
  });
  io.onClosed(() => controller.abort(new LmdeckError('aborted', 'Nobody reads the output any more.')));
  try {
    return await Promise.race([work(controller.signal), forced.promise]);
  } finally {
    stop();
  }
}
