import { join } from 'node:path';
import { batchRuns, readCheckpoint, type BatchTally, type OfflineStatus } from '../../batch/index.ts';
import { LmdeckError } from '../../core/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import type { BatchRecord } from './batch-record.ts';
import { BatchRuns } from './batch-runs.ts';

/** A run as it is listed, whether its rows are asked at once or in jobs. */
export interface RunView {
  readonly run: string;
  readonly kind: 'online' | 'offline';
  readonly startedAt: number;
  readonly status: string;
  readonly model?: string | undefined;
  readonly source?: string | undefined;
  readonly output?: string | undefined;
  /** Absent as long as nothing of it is known. */
  readonly tally?: BatchTally | undefined;
  /** Absent for jobs that a program handed in. */
  readonly record?: BatchRecord;
  /** How its jobs stand. */
  readonly jobs?: OfflineStatus;
}

/** All runs, newest first; those that cannot be read are told. */
export function runViews(home: string, { note }: Pick<CliIo, 'note'>): readonly RunView[] {
  const runs = new BatchRuns(home);
  const jobs = new Map(
    batchRuns(join(home, 'batches'), (error) => note(`Left out: ${error.message}`)).map((status) => [status.run, status]),
  );
  const views: RunView[] = [];
  for (const record of runs.list()) {
    const status = jobs.get(record.run);
    jobs.delete(record.run);
    if (record.settings.offline === true && status !== undefined) views.push(offlineView(status, record));
    else views.push(onlineView(record, readCheckpoint(runs.folderOf(record.run))?.tally));
  }
  for (const status of jobs.values()) views.push(offlineView(status));
  return views.sort((a, b) => b.startedAt - a.startedAt || (a.run < b.run ? 1 : -1));
}

/** The run of an id, of a prefix that no other id shares, or the newest one (`latest`). @throws LmdeckError `usage` */
export function findRunView(views: readonly RunView[], given: string): RunView {
  const meant = given === 'latest' ? views.slice(0, 1) : views.filter(({ run }) => run === given || run.startsWith(given.toLowerCase()));
  const [view, other] = meant;
  if (view === undefined)
    throw new LmdeckError('usage', `There is no batch run ${given === 'latest' ? 'yet' : given}. List them: lmdeck batch ls`);
  if (other !== undefined && view.run !== given)
    throw new LmdeckError(
      'usage',
      `Several batch runs begin with ${given}: ${meant
        .map(({ run }) => run)
        .slice(0, 5)
        .join(', ')}.`,
    );
  return view;
}

function onlineView(record: BatchRecord, noted: BatchTally | undefined): RunView {
  const { run, startedAt, status, settings, tally } = record;
  const { model, source, output } = settings;
  return { run, kind: 'online', startedAt, status, model, source, output, tally: noted ?? tally, record };
}

function offlineView(jobs: OfflineStatus, record?: BatchRecord): RunView {
  const { run, startedAt, model, source } = jobs;
  const failed = jobs.failed + jobs.missing + jobs.refused > 0;
  return {
    run,
    kind: 'offline',
    startedAt: record?.startedAt ?? startedAt,
    status: jobs.state === 'running' ? 'at the provider' : jobs.state === 'finished' && failed ? 'incomplete' : jobs.state,
    model: record?.settings.model ?? model,
    source: record?.settings.source ?? source,
    output: record?.settings.output,
    tally: jobs.state === 'finished' || jobs.state === 'cancelled' ? record?.tally : undefined,
    jobs,
    ...(record === undefined ? {} : { record }),
  };
}
