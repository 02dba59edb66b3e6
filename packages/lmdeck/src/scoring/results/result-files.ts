import { basename, dirname, extname, join } from 'node:path';
import { sanitizeModelName } from './sanitize-model-name.ts';

/** Where the results of a run are written. */
export interface ResultFiles {
  readonly folder: string;
  readonly results: string;
  samples(task: string): string;
}

/**
 * The files as lm-evaluation-harness names them: `results_<date>.json` and `samples_<task>_<date>.jsonl` in a folder named after the model.
 *
 * @param path a folder, or a `.json` file whose name the date is added to.
 * @param now milliseconds since 1970.
 */
export function harnessFiles(path: string, model: string, now: number): ResultFiles {
  const isFile = extname(path) === '.json';
  const folder = isFile ? dirname(path) : join(path, sanitizeModelName(model));
  const date = localIso(now).replaceAll(':', '-');
  return {
    folder,
    results: join(folder, `${isFile ? basename(path, '.json') : 'results'}_${date}.json`),
    samples: (task) => join(folder, `samples_${sanitizeModelName(task)}_${date}.jsonl`),
  };
}

/** The files of one run in a folder of its own: `results.json` and `samples_<task>.jsonl`. */
export function runFiles(folder: string): ResultFiles {
  return {
    folder,
    results: join(folder, 'results.json'),
    samples: (task) => join(folder, `samples_${sanitizeModelName(task)}.jsonl`),
  };
}

/** The local time as Python's `datetime.now().isoformat()` writes it. */
function localIso(now: number): string {
  const date = new Date(now);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}000`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
