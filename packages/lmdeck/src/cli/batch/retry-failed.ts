import type { Command, Invocation } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';
import { BatchRuns } from './batch-runs.ts';
import { batchDeck, executeRun } from './execute-run.ts';
import { workOptions } from './run-options.ts';

export const retryFailedCommand: Command = {
  name: 'retry-failed',
  summary: 'Ask the failed rows of a run again',
  description:
    'Their new outcomes take the place of the old ones in the output. Running the same command again does this too, after the rows that are left.',
  arguments: ['[run]'],
  options: workOptions,
  examples: [
    { command: 'lmdeck batch retry-failed', does: 'Of the last run' },
    { command: 'lmdeck batch retry-failed 01kab --concurrency 8' },
  ],
  run: retryFailed,
};

async function retryFailed({ args, options, io }: Invocation): Promise<number> {
  return withDeck(io, batchDeck(options), async (deck) => {
    const runs = new BatchRuns(deck.paths.home);
    return executeRun({ io, options, deck, runs, record: runs.get(args[0] ?? 'latest'), isNew: false, only: 'failed' });
  });
}
