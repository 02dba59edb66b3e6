import type { OfflineStatus } from '../../batch/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { interruptible } from '../io/interruptible.ts';
import { printable } from '../io/printable.ts';
import { counted, progressLine } from '../io/progress.ts';
import { localTime } from '../logs/local-time.ts';
import { withDeck } from '../with-deck.ts';
import { jobsModel } from './run-work.ts';
import { jobOptions, offlineOptions, runsFolder, stateLine } from './offline-options.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Show the runs, or the jobs of one, as the provider knows them',
  description: 'Without a run: all of them, as they were last seen. With one: asks the provider about its open jobs first.',
  arguments: ['[run]'],
  options: [{ flags: '--no-check', description: 'Ask nobody: show what was last seen' }, ...jobOptions],
  examples: [{ command: 'lmdeck batch status' }, { command: 'lmdeck batch status latest --json' }],
  run: status,
};

async function status(call: Invocation): Promise<void> {
  const { args, options, io } = call;
  const [given] = args;
  const tape = options.text('database');
  return withDeck(io, { log: true, ...(tape === undefined ? {} : { tape }) }, async (deck) => {
    const { batchRuns, batchStatus } = await import('../../batch/index.ts');
    if (given === undefined) {
      const runs = batchRuns(runsFolder(deck), (error) => io.note(`Left out: ${error.message}`));
      if (options.flag('json')) return io.print(`${JSON.stringify(runs, undefined, 2)}\n`);
      if (runs.length === 0)
        return io.note('No jobs were handed in yet. Begin with: lmdeck batch submit prompts.jsonl -m openai/gpt-5.6-luna');
      return io.print(printable(runs.map(runLine).join(''), io));
    }
    const found = await interruptible(io, async (signal) => {
      const offline = await offlineOptions(call, deck, progressLine(io), signal);
      const seen = await batchStatus(given, offline);
      const isOpen = seen.jobs.some((job) => job.id !== undefined && (!job.fetched || job.state === 'gone'));
      if (options.flag('noCheck') || !isOpen) return seen;
      return batchStatus(seen.run, offline, await deck.model(jobsModel(deck, seen)));
    });
    if (options.flag('json')) return io.print(`${JSON.stringify(found, undefined, 2)}\n`);
    return io.print(printable(`${runLine(found)}${found.jobs.map(jobLine).join('')}`, io));
  });
}

function runLine(run: OfflineStatus): string {
  const source = run.source === undefined ? '' : `  ${run.source}`;
  return `${run.run}  ${localTime(run.startedAt)}  ${run.model}  ${run.state}: ${stateLine(run)}${source}\n`;
}

function jobLine({ part, id, state, rows, attempt, counts, fetched, error }: OfflineStatus['jobs'][number]): string {
  const done = counts?.succeeded === undefined ? '' : `, ${counted(counts.succeeded)} done`;
  const again = attempt === 1 ? '' : `, attempt ${attempt}`;
  const why = typeof error?.['message'] === 'string' ? `: ${error['message']}` : '';
  return `  job ${part}  ${state}${fetched && state !== 'gone' ? ', fetched' : ''}  ${counted(rows)} requests${done}${again}  ${id ?? ''}${why}\n`;
}
