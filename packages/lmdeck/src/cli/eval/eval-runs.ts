import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
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
    const lock = join(this.folderOf(run), 'process');
    mkdirSync(this.folderOf(run), { recursive: true, mode: 0o700 });
    // The second time it is gone, unless another process was faster.
    for (let attempt = 0; attempt < 2; attempt++) {
      if (created(lock)) return () => rmSync(lock, { force: true });
      const owner = ownerOf(lock);
      if (owner !== undefined && isAlive(owner)) break;
      // Renaming succeeds for one process only: nobody removes what another has just made.
      const gone = `${lock}.${process.pid}`;
      try {
        renameSync(lock, gone);
      } catch {
        continue;
      }
      if (ownerOf(gone) === owner) rmSync(gone, { force: true });
      else renameSync(gone, lock);
    }
    throw new LmdeckError('usage', `Process ${ownerOf(lock) ?? '?'} is working on the run ${run}. Wait for it, or start a run of its own.`);
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
    const owner = ownerOf(join(this.folderOf(id), 'process'));
    return owner !== undefined && isAlive(owner) ? record : { ...record, status: 'interrupted' };
  }
}

/** Linked and not created, so that the file has its content from the first moment. */
function created(lock: string): boolean {
  const own = `${lock}.${process.pid}.part`;
  try {
    writeFileSync(own, String(process.pid));
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new LmdeckError('config', `Cannot write ${lock}: ${LmdeckError.from(error).message}`, { cause: error });
  } finally {
    rmSync(own, { force: true });
  }
}

function ownerOf(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
