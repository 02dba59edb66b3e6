import { existsSync } from 'node:fs';
import { LmdeckError } from '../../core/index.ts';
import { readResults, readSamples, runFiles, samplesFile, type StoredResults, type StoredSample } from '../../scoring/index.ts';
import { EvalRuns } from './eval-runs.ts';
import type { EvalRecord } from './run-record.ts';

/** A run as it is kept: ours, or files of any program that writes them in the harness' layout. */
export interface StoredRun {
  /** What people see: the beginning of the id, or the path. */
  readonly label: string;
  /** Absent for files elsewhere. */
  readonly record: EvalRecord | undefined;
  /** Absent for a run that came to no end. */
  readonly results: StoredResults | undefined;
  /** Names of the tasks. */
  readonly tasks: readonly string[];
  /** The documents of a task with their answers; nothing when they were not kept. */
  samples(task: string): AsyncIterable<StoredSample> | undefined;
}

/** The run that a word means: an id or its beginning, `latest`, or the path of results. @throws LmdeckError `usage`, `config` */
export function storedRun(word: string, home: string): StoredRun {
  if (existsSync(word) || /[\\/]|\.json$/.test(word)) {
    const results = readResults(word);
    return {
      label: word,
      record: undefined,
      results,
      tasks: results.tasks.map((task) => task.name),
      samples: (task) => read(results.path, task),
    };
  }
  const runs = new EvalRuns(home);
  const record = runs.get(word);
  const { results: path } = runFiles(runs.folderOf(record.run));
  const results = existsSync(path) ? readResults(path) : undefined;
  return { label: record.run, record, results, tasks: record.tasks, samples: (task) => read(path, task) };
}

function read(results: string, task: string): AsyncIterable<StoredSample> | undefined {
  const path = samplesFile({ path: results }, task);
  return path === undefined ? undefined : readSamples(path);
}

/** The tasks of a run, or the one that is named. @throws LmdeckError `usage` */
export function chosenTasks(run: StoredRun, named: string | undefined): readonly string[] {
  if (named === undefined) return run.tasks;
  if (run.tasks.includes(named)) return [named];
  throw new LmdeckError('usage', `The run ${run.label} has no task "${named}". Its tasks: ${run.tasks.join(', ')}.`);
}
