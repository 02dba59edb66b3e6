import { join } from 'node:path';
import { RunFolders } from '../../runs/index.ts';
import { differences, evalRecord, type EvalRecord, type EvalSettings } from './run-record.ts';

/** The evaluation runs of a deck: one folder each in `<home>/evals`, with `run.json` and the results. */
export class EvalRuns extends RunFolders<EvalRecord> {
  constructor(home: string) {
    super(join(home, 'evals'), {
      name: 'evaluation run',
      listCommand: 'lmdeck eval ls runs',
      parse: evalRecord,
      interrupted: (record) => ({ ...record, status: 'interrupted' }),
    });
  }

  /** The newest run with these settings that came to no end and that no process works on. */
  unfinished(settings: EvalSettings): EvalRecord | undefined {
    return this.list().find(
      (record) => record.status !== 'finished' && record.status !== 'running' && differences(record.settings, settings).length === 0,
    );
  }
}
