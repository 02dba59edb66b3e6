import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import { claimFile, claimOwner } from '../../deck/index.ts';
import { differences, evalRecord, type EvalRecord, type EvalSettings } from './run-record.ts';

/** The runs of a deck: one folder each in `<home>/evals`, with `run.json` and the results. */
export class EvalRuns {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, 'evals');
  }

  folderOf(run: string): string {
    return join(this.#folder, run);
  }

  /** All runs, newest first. A run whose process is gone is `interrupted`. */
  list(): readonly EvalRecord[] {
    return this.#ids().flatMap((id) => this.#read(id) ?? []);
  }

  /**
   * The run of an id, of a prefix that no other id shares, or the newest one (`latest`).
   * @throws LmdeckError `usage` when there is none.
   */
  get(prefix: string): EvalRecord {
    const ids = this.#ids();
    const meant = prefix === 'latest' ? ids.slice(0, 1) : ids.filter((id) => id.startsWith(prefix.toLowerCase()));
    const [id, other] = meant;
    if (id === undefined)
      throw new LmdeckError('usage', `There is no evaluation run ${prefix === 'latest' ? 'yet' : prefix}. List them: lmdeck eval ls runs`);
    if (other !== undefined)
      throw new LmdeckError('usage', `Several evaluation runs begin with ${prefix}: ${meant.slice(0, 5).join(', ')}.`);
    const record = this.#read(id);
    if (record === undefined) throw new LmdeckError('config', `${join(this.folderOf(id), 'run.json')} is no record of a run.`);
    return record;
  }

  /** The newest run with these settings that came to no end and that no process works on. */
  unfinished(settings: EvalSettings): EvalRecord | undefined {
    return this.list().find(
      (record) => record.status !== 'finished' && record.status !== 'running' && differences(record.settings, settings).length === 0,
    );
  }

  /** Writes what is known of a run; readers see the old or the new text. @throws LmdeckError `config` when that is not possible. */
  write(record: EvalRecord): void {
    const path = join(this.folderOf(record.run), 'run.json');
    const part = `${path}.${process.pid}.part`;
    try {
      mkdirSync(this.folderOf(record.run), { recursive: true, mode: 0o700 });
      const file = openSync(part, 'w');
      try {
        writeSync(file, `${JSON.stringify(record, undefined, 2)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(part, path);
    } catch (error) {
      throw new LmdeckError('config', `Cannot write ${path}: ${LmdeckError.from(error).message}`, { cause: error });
    }
  }

  /**
   * Makes this process the only one that works on a run.
   * @returns what lets go of it again.
   * @throws LmdeckError `usage` when another process works on it.
   */
  claim(run: string): () => void {
    mkdirSync(this.folderOf(run), { recursive: true, mode: 0o700 });
    const claimed = claimFile(join(this.folderOf(run), 'process'));
    if (typeof claimed === 'function') return claimed;
    throw new LmdeckError('usage', `Process ${claimed.owner ?? '?'} is working on the run ${run}. Wait for it, or start a run of its own.`);
  }

  #ids(): readonly string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => /^[0-9a-z]{26}$/i.test(name))
        .sort()
        .toReversed();
    } catch {
      return [];
    }
  }

  #read(id: string): EvalRecord | undefined {
    let record: EvalRecord | undefined;
    try {
      record = evalRecord(JSON.parse(readFileSync(join(this.folderOf(id), 'run.json'), 'utf8')));
    } catch {
      return undefined;
    }
    if (record?.status !== 'running') return record;
    return claimOwner(join(this.folderOf(id), 'process')) === undefined ? { ...record, status: 'interrupted' } : record;
  }
}
