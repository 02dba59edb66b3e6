import type { BatchPlan, BatchTally, BatchWork } from '../../batch/index.ts';

/** What decides what a run asks and writes: equal settings, equal requests and lines. Paths are absolute. */
export interface BatchSettings extends Omit<BatchPlan, keyof BatchWork | 'model'> {
  /** A file, or `-` for stdin. */
  readonly source: string;
  /** Id of the model, or the file that describes it; absent when the rows name theirs. */
  readonly model?: string | undefined;
}

/** How a run stands. `running` in the file of a process that is gone means `interrupted`. */
type BatchStatus = 'running' | 'finished' | 'incomplete' | 'stopped' | 'failed' | 'interrupted';

/** `run.json`: what is known of a run besides how far it has come. */
export interface BatchRecord {
  readonly run: string;
  readonly settings: BatchSettings;
  /** Milliseconds since 1970, of the first start. */
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly status: BatchStatus;
  /** What stopped it. */
  readonly error?: string;
  readonly tally?: BatchTally;
  /** Other files that its outcomes were written into, absolute: they may be written anew. */
  readonly written?: readonly string[];
}

/** How one goes on with a run; rows that came on stdin must be given again. */
export function resumeCommand({ run, settings: { source } }: Pick<BatchRecord, 'run' | 'settings'>): string {
  return `lmdeck batch run --run ${run}${source === '-' ? ' < ROWS' : ''}`;
}

/** The names of settings in which two runs differ. */
export function differences(first: BatchSettings, second: BatchSettings): readonly string[] {
  const [a, b] = [new Map<string, unknown>(Object.entries(first)), new Map<string, unknown>(Object.entries(second))];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => JSON.stringify(a.get(name)) !== JSON.stringify(b.get(name)));
}

/** True when a run with these settings goes on with one that had those: they are the same, or more rows are wanted than it had at first. */
export function goesOn(before: BatchSettings, settings: BatchSettings): boolean {
  const different = differences(before, settings);
  if (different.length === 0) return true;
  const isLonger = (settings.limit ?? Infinity) > (before.limit ?? Infinity);
  // What a job asks is settled when it is handed in.
  return different.length === 1 && isLonger && settings.offline !== true;
}

/** A parsed `run.json`, as far as it is one. */
export function batchRecord(value: unknown): BatchRecord | undefined {
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is BatchRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { run, settings, startedAt, status }: Partial<Record<string, unknown>> = { ...value };
  return (
    typeof run === 'string' &&
    typeof settings === 'object' &&
    settings !== null &&
    'source' in settings &&
    typeof startedAt === 'number' &&
    typeof status === 'string'
  );
}
