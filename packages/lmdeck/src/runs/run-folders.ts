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
import { LmdeckError } from '../core/index.ts';

/** What every record of a run has. */
interface AnyRecord {
  /** ULID. */
  readonly run: string;
  /** `running` in the file of a process that is gone means `interrupted`. */
  readonly status: string;
}

/** How runs of one kind are kept. */
export interface RunKind<R extends AnyRecord> {
  /** As messages call one: `evaluation run`. */
  readonly name: string;
  /** The command that lists them. */
  readonly listCommand: string;
  /** A parsed `run.json`, as far as it is one. */
  readonly parse: (value: unknown) => R | undefined;
  /** The record of a run whose process is gone. */
  readonly interrupted: (record: R) => R;
}

/** Runs of one kind: a folder each, with what is known of it in `run.json`, and what else it keeps. */
export class RunFolders<R extends AnyRecord> {
  readonly #folder: string;
  readonly #kind: RunKind<R>;

  constructor(folder: string, kind: RunKind<R>) {
    this.#folder = folder;
    this.#kind = kind;
  }

  folderOf(run: string): string {
    return join(this.#folder, run);
  }

  /** All runs, newest first. */
  list(): readonly R[] {
    return this.#ids().flatMap((id) => this.#read(id) ?? []);
  }

  /**
   * The run of an id, of a prefix that no other id shares, or the newest one (`latest`).
   * @throws LmdeckError `usage` when there is none.
   */
  get(prefix: string): R {
    const { name, listCommand } = this.#kind;
    const ids = this.#ids();
    const meant = prefix === 'latest' ? ids.slice(0, 1) : ids.filter((id) => id.startsWith(prefix.toLowerCase()));
    const [id, other] = meant;
    if (id === undefined)
      throw new LmdeckError('usage', `There is no ${name} ${prefix === 'latest' ? 'yet' : prefix}. List them: ${listCommand}`);
    if (other !== undefined) throw new LmdeckError('usage', `Several ${name}s begin with ${prefix}: ${meant.slice(0, 5).join(', ')}.`);
    const record = this.#read(id);
    if (record === undefined) throw new LmdeckError('config', `${join(this.folderOf(id), 'run.json')} is no record of a run.`);
    return record;
  }

  /** Writes what is known of a run; readers see the old or the new text. @throws LmdeckError `config` when that is not possible. */
  write(record: R): void {
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

  #read(id: string): R | undefined {
    let record: R | undefined;
    try {
      record = this.#kind.parse(JSON.parse(readFileSync(join(this.folderOf(id), 'run.json'), 'utf8')));
    } catch {
      return undefined;
    }
    if (record?.status !== 'running') return record;
    const owner = ownerOf(join(this.folderOf(id), 'process'));
    return owner !== undefined && isAlive(owner) ? record : this.#kind.interrupted(record);
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
