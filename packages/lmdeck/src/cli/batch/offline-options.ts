import type { OfflineEvent, OfflineOptions, OfflineStatus } from '../../batch/index.ts';
import { join } from 'node:path';
import type { BatchLimits } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { CommandOption, Invocation } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { counted, plural, type Progress } from '../io/progress.ts';
import { commonOptions } from './run-options.ts';

/** Options of all commands about jobs. */
export const jobOptions: readonly CommandOption[] = [
  { flags: '--json', description: 'Print how the run stands as JSON' },
  ...commonOptions,
];

/** Where the runs are. */
export function runsFolder(deck: Deck): string {
  return join(deck.paths.home, 'batches');
}

/** What of the provider's limits the command line overrides. */
export function jobLimits(options: ParsedOptions): BatchLimits {
  const [maxRows, maxBytes, maxEnqueuedTokens] = ['maxRows', 'maxBytes', 'maxEnqueuedTokens'].map((name) => options.integer(name, 1));
  return {
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxEnqueuedTokens === undefined ? {} : { maxEnqueuedTokens }),
  };
}

/** How to work on runs, by the options of a command. */
export async function offlineOptions(
  { options, io }: Pick<Invocation, 'options' | 'io'>,
  deck: Deck,
  progress: Progress,
  signal: AbortSignal,
  onEvent?: (event: OfflineEvent) => void,
): Promise<OfflineOptions> {
  const given = options.text('key');
  let seen = '';
  const apiKey = given === undefined ? undefined : ((await deck.keys.get(given)) ?? given);
  return {
    tape: await deck.tape(),
    folder: runsFolder(deck),
    signal,
    apiKey,
    resubmit: options.flag('resubmit'),
    maxAttempts: options.integer('maxAttempts', 1),
    keepFiles: options.flag('keepFiles'),
    onEvent: (event) => {
      onEvent?.(event);
      tell(event, progress);
      // Where no line is kept up to date, one is written when something has changed.
      if (event.type !== 'waiting' || io.stderr.isTTY === true || seen === stateLine(event.status)) return;
      seen = stateLine(event.status);
      progress.note(`Waiting: ${seen}.`);
    },
  };
}

function tell(event: OfflineEvent, progress: Progress): void {
  switch (event.type) {
    case 'prepared': {
      const refused = event.refused === 0 ? '' : ` (${event.refused} that no job can ask)`;
      progress.note(`Run ${event.run}: ${plural(event.rows, 'row')}${refused}, ${plural(event.parts, 'job')}.`);
      break;
    }
    case 'continued':
      progress.note(`Run ${event.run} has these rows already: going on with it. To pay for them once more: lmdeck batch submit --again.`);
      break;
    case 'submitted':
      progress.note(
        `Job ${event.part} (${plural(event.rows, 'request')}) ${event.adopted ? 'was taken before' : 'is handed in'}: ${event.job}`,
      );
      break;
    case 'refused':
      progress.note(`Job ${event.part}: ${event.message}`);
      break;
    case 'unreachable':
      progress.note(`Waiting goes on: ${event.message}`);
      break;
    case 'waiting':
      progress.show(`Waiting: ${stateLine(event.status)}`);
      break;
    case 'fetched': {
      const failed = event.failed === 0 ? '' : `, ${event.failed} failed`;
      const missing = event.missing === 0 ? '' : `, ${missingText(event)}`;
      const why = event.message === undefined ? '.' : `: ${event.message}`;
      progress.note(`Job ${event.part} brought ${plural(event.ok, 'answer')}${failed}${missing}${why}`);
      break;
    }
    case 'gone':
      progress.note(`Job ${event.part} is gone, ${plural(event.rows, 'request')} of it without an answer: ${event.message}`);
      break;
    case 'found':
      progress.note(`Job ${event.part} is there again: ${event.job}`);
      break;
    case 'kept':
      progress.note(`The file of job ${event.part} stays at the provider: ${event.message}`);
      break;
    case 'foreign':
      progress.note(`Job ${event.part} has ${plural(event.rows, 'result')} of rows that are not its own: left aside.`);
      break;
  }
}

/** `2 of 5 jobs done, 1,200 answers, 3 failed` */
export function stateLine({ state, jobs, ok, failed, missing, expired, refused }: OfflineStatus): string {
  const gone = jobs.filter((job) => job.state === 'gone').length;
  const planned = state === 'running' ? jobs.filter((job) => job.state === 'planned').length : 0;
  const counts = jobs
    .filter((job) => !job.fetched)
    .reduce((sum, { counts: each }) => sum + (each?.succeeded ?? 0) + (each?.failed ?? 0), 0);
  return [
    `${jobs.filter((job) => job.fetched && job.state !== 'gone').length} of ${plural(jobs.length, 'job')} done`,
    ...(gone === 0 ? [] : [`${gone} gone`]),
    ...(planned === 0 ? [] : [`${planned} not handed in yet`]),
    plural(ok, 'answer'),
    ...(counts === 0 ? [] : [`${counted(counts)} more at the provider`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(missing === 0 ? [] : [missingText({ missing, expired })]),
    ...(refused === 0 ? [] : [`${plural(refused, 'row')} that no job can ask`]),
  ].join(', ');
}

function missingText({ missing, expired = 0 }: { readonly missing: number; readonly expired?: number }): string {
  return `${missing} without an outcome${expired === 0 ? '' : expired === missing ? ' (expired)' : ` (${expired} expired)`}`;
}
