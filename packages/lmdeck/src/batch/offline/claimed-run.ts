import { LmdeckError } from '../../core/index.ts';
import type { OfflineModel, OfflineOptions } from './offline-options.ts';
import { RunContext } from './run-context.ts';
import { findRun, type RunFolder } from './run-folder.ts';

/** Works on a run that has been prepared, as the only process. @throws LmdeckError `usage` */
export async function claimed<T>(
  run: string,
  model: OfflineModel,
  options: OfflineOptions,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  const folder = findRun(options.folder, run);
  if (folder.state().prepared === undefined)
    throw new LmdeckError(
      'usage',
      `The batch run ${folder.run} was stopped before its rows were read: nothing was handed in. Submit it again.`,
    );
  using _claim = folder.claim();
  return await worked(folder, model, options, work);
}

/** Works on a run that this process has claimed. */
export async function worked<T>(
  folder: RunFolder,
  model: OfflineModel,
  options: OfflineOptions,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  using journal = folder.openJournal();
  return await work(new RunContext(folder, journal, model, options));
}
