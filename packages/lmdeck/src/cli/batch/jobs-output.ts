import { makeOutputFolder, refuseSameFile } from '../../batch/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { BatchRecord } from './batch-record.ts';
import type { BatchRuns } from './batch-runs.ts';
import { refuseForeign } from './chosen-run.ts';

/**
 * Looks at the file that outcomes of jobs are to go into, before anybody waits for them. What the run has written before may be written anew.
 * @throws LmdeckError `usage` when it is a file of somebody else, or the source; `config` when nothing can be written there.
 */
export function checkOutput(output: string | undefined, record: BatchRecord | undefined, options: ParsedOptions): void {
  if (output === undefined || output === '-') return;
  const { settings, written = [] } = record ?? {};
  // The rows themselves are in the run's folder: the source may be gone by now.
  if (settings !== undefined && settings.source !== '-') refuseSameFile({ path: settings.source }, output);
  makeOutputFolder(output);
  if (settings?.output !== output && !written.includes(output)) refuseForeign(output, options);
}

/** Notes that a file is the run's own, before it is one. */
export function noteOutput(output: string | undefined, record: BatchRecord | undefined, runs: BatchRuns): void {
  if (record === undefined || output === undefined || output === '-' || record.settings.output === output) return;
  const { written = [] } = record;
  if (!written.includes(output)) runs.write({ ...record, written: [...written, output] });
}
