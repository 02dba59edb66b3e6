import { existsSync } from 'node:fs';
import { LmdeckError, ulid } from '../../core/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { differences, goesOn, type BatchRecord, type BatchSettings } from './batch-record.ts';
import type { BatchRuns } from './batch-runs.ts';

/** The run that this command began before, or a new one. @throws LmdeckError `usage` */
export function chosenRun(
  settings: BatchSettings,
  options: ParsedOptions,
  runs: BatchRuns,
): { readonly record: BatchRecord; readonly isNew: boolean } {
  const before = runs.before(settings);
  const { output } = settings;
  // An output that is gone was meant to be.
  if (before !== undefined && !options.flag('new') && !(options.flag('overwrite') && !goesOn(before.settings, settings))) {
    refuseOther(before, settings);
    return { record: { ...before, settings }, isNew: false };
  }
  if (options.flag('new') && output !== undefined && existsSync(output) && !options.flag('overwrite'))
    throw new LmdeckError('usage', `${output} exists. A new run needs another output, or --overwrite.`);
  const startedAt = Date.now();
  return { record: { run: ulid(startedAt), settings, startedAt, status: 'running' }, isNew: true };
}

/** @throws LmdeckError `usage` when a run is another one than these settings mean. */
export function refuseOther({ run, settings: before }: BatchRecord, settings: BatchSettings): void {
  if (goesOn(before, settings)) return;
  const different = differences(before, settings);
  throw new LmdeckError(
    'usage',
    `The run ${run} has written ${before.output ?? 'this'} with another setting of ${different.join(', ')}. Name another output, or start anew with --new --overwrite (what was answered stays on the tape).`,
  );
}

/** @throws LmdeckError `usage` when a file is there that would be replaced and is not the run's. */
export function refuseForeign(output: string | undefined, options: ParsedOptions): void {
  if (output === undefined || output === '-' || !existsSync(output) || options.flag('overwrite')) return;
  throw new LmdeckError(
    'usage',
    `${output} exists, and no run that is known here wrote it. Name another file, or replace it with --overwrite.`,
  );
}
