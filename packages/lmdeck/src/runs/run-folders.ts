import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LmdeckError } from '../core/index.ts';
import { claimFile, claimOwner } from './claim-file.ts';

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

  /** The run of an id, if there is one. */
  find(run: string): R | undefined {
    return this.#read(run);
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
    mkdirSync(this.folderOf(run), { recursive: true, mode: 0o700 });
    const claimed = claimFile(join(this.folderOf(run), 'process'));
    if (typeof claimed === 'function') return claimed;
    throw new LmdeckError('usage', `Process ${claimed.owner ?? '?'} is working on the run ${run}. Wait for it, or start a run of its own.`);
  }

  #ids(): readonly string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => /^[0-9a-z]{26}$/i.test(name) && existsSync(join(this.#folder, name, 'run.json')))
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
    return claimOwner(join(this.folderOf(id), 'process')) === undefined ? this.#kind.interrupted(record) : record;
  }
}
