import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import { claimFile, claimOwner } from '../../runs/index.ts';
import { Journal, readJournal } from './journal.ts';
import { runState, type RunState } from './run-state.ts';

/** What a run's folder has of its own, besides the claim of the process that works on it. */
const OWN_FILES = /^(?:journal|part-\d+)\.jsonl$/;

/** The files of one run. */
export class RunFolder {
  readonly run: string;
  readonly path: string;

  constructor(folder: string, run: string) {
    this.run = run;
    this.path = join(folder, run);
  }

  get exists(): boolean {
    return hasRecords(this.#journal);
  }

  /** The provider is told this name, so that a job can be found again. */
  label(part: number): string {
    return `${this.run}-${part}`;
  }

  part(number: number): string {
    return join(this.path, `part-${String(number).padStart(4, '0')}.jsonl`);
  }

  state(): RunState {
    return runState(readJournal(this.#journal), this.#journal);
  }

  openJournal(): Journal {
    return new Journal(this.#journal);
  }

  /** The process that works on it. */
  get owner(): number | undefined {
    return claimOwner(join(this.path, 'process'));
  }

  /** @returns what lets go of it. @throws LmdeckError `usage` when another process works on the run. */
  claim(): Disposable {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    const claimed = claimFile(join(this.path, 'process'));
    if (typeof claimed === 'function') return { [Symbol.dispose]: claimed };
    throw new LmdeckError(
      'usage',
      `Process ${claimed.owner ?? '?'} is working on the batch run ${this.run}. Wait for it, or stop it first.`,
    );
  }

  /** Takes off what a process left that died before it had read all rows. What others keep there about the run stays. */
  clear(): void {
    for (const name of readdirSync(this.path)) if (OWN_FILES.test(name)) rmSync(join(this.path, name), { force: true });
  }

  /** True for one whose process died before it had read all rows, and of which nobody else keeps anything. */
  get isAbandoned(): boolean {
    const names = readdirSync(this.path);
    if (!names.includes('journal.jsonl') || this.owner !== undefined) return false;
    return names.every((name) => OWN_FILES.test(name) || name.startsWith('process')) && !(this.exists && this.#isPrepared());
  }

  /** Takes it off the disk: for one that nothing was handed in of. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** What cannot be read may be anything. */
  #isPrepared(): boolean {
    try {
      return this.state().prepared !== undefined;
    } catch {
      return true;
    }
  }

  get #journal(): string {
    return join(this.path, 'journal.jsonl');
  }
}

/** One that is empty was left by a process that died before it wrote the first record. */
function hasRecords(journal: string): boolean {
  return (statSync(journal, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Ids of the runs in a folder, newest first. */
export function runIds(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => hasRecords(join(folder, name, 'journal.jsonl')))
      .sort()
      .toReversed();
  } catch {
    return [];
  }
}

/** Takes off what processes left that died before they had handed anything in: there is no such run, and its rows are in its source. */
export function removeAbandoned(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const run = new RunFolder(folder, entry.name);
    if (entry.isDirectory() && run.isAbandoned) run.remove();
  }
}

/**
 * The run of an id, of a prefix that no other id shares, or the newest one (`latest`).
 * @throws LmdeckError `usage` when there is none.
 */
export function findRun(folder: string, given: string): RunFolder {
  const ids = runIds(folder);
  const meant = given === 'latest' ? ids.slice(0, 1) : ids.filter((id) => id === given || id.startsWith(given.toLowerCase()));
  const [id, other] = meant;
  if (id === undefined)
    throw new LmdeckError(
      'usage',
      `There is no batch run ${given === 'latest' ? 'yet' : JSON.stringify(given)}. List them: lmdeck batch status`,
    );
  if (other !== undefined && id !== given)
    throw new LmdeckError('usage', `Several batch runs begin with ${given}: ${meant.slice(0, 5).join(', ')}. Give more of the id.`);
  return new RunFolder(folder, id);
}
