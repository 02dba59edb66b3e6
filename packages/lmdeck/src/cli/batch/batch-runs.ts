import { join } from 'node:path';
import { RunFolders } from '../../runs/index.ts';
import { batchRecord, goesOn, type BatchRecord, type BatchSettings } from './batch-record.ts';

/** The batch runs of a deck: one folder each in `<home>/batches`, with `run.json` and how far the run has come. */
export class BatchRuns extends RunFolders<BatchRecord> {
  constructor(home: string) {
    super(join(home, 'batches'), {
      name: 'batch run',
      listCommand: 'lmdeck batch ls',
      parse: batchRecord,
      interrupted: (record) => ({ ...record, status: 'interrupted' }),
    });
  }

  /** The newest run that writes this output; without one, the newest of these settings. */
  before(settings: BatchSettings): BatchRecord | undefined {
    const { output } = settings;
    return this.list().find((record) => (output === undefined ? goesOn(record.settings, settings) : record.settings.output === output));
  }
}
