import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { LmdeckError } from '../../core/index.ts';
import { pythonJson } from '../../python/index.ts';
import type { EvaluationResult, EvaluationSample } from '../run/evaluation-result.ts';
import type { ResultFiles } from './result-files.ts';
import { resultsJson, type RunSettings } from './results-json.ts';
import { failedLine, sampleHashes, sampleLine } from './sample-line.ts';

interface SampleFile {
  readonly path: string;
  readonly descriptor: number;
  lines: string[];
}

/** How many rows are written at a time. */
const ROWS = 64;

/**
 * Writes the results of a run: one JSON of all, and one file of rows per task (see {@link ResultFiles} for their names). Rows are written
 * as they come; memory does not grow with them. A file has its name when it is complete; before that it ends in `.part`.
 *
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { languageModel, mock } from 'lmdeck';
 * import { defineTask, evaluate, harnessFiles, ResultsFolder } from 'lmdeck/scoring';
 *
 * const task = await defineTask({
 *   name: 'sums',
 *   docs: [{ question: '1+1=', answer: '2' }],
 *   outputType: 'generate_until',
 *   prompt: (doc) => doc.question,
 *   target: (doc) => doc.answer,
 * });
 * const folder = new ResultsFolder(harnessFiles(`${tmpdir()}/results`, 'mock', Date.now()), { samples: true });
 * const result = await evaluate(languageModel(mock({ outputs: ['2'] })), [task], { onSample: (sample) => folder.add(sample) });
 * console.log(folder.finish(result, {}).length); // 2
 * ```
 */
export class ResultsFolder {
  readonly #names: ResultFiles;
  readonly #withSamples: boolean;
  readonly #files = new Map<string, SampleFile>();
  readonly #hashes = new Map<string, ReturnType<typeof incrementalHash>>();

  /** @throws LmdeckError `config` when the folder cannot be made. */
  constructor(files: ResultFiles, options: { readonly samples: boolean }) {
    this.#names = files;
    this.#withSamples = options.samples;
    attempt(files.folder, () => mkdirSync(files.folder, { recursive: true }));
  }

  get folder(): string {
    return this.#names.folder;
  }

  /** @throws LmdeckError `config` when the rows cannot be written. */
  add(sample: EvaluationSample): void {
    const { task, filtered } = sample;
    const hashes = sampleHashes(sample);
    const lines =
      sample.error === undefined
        ? Array.from(filtered, ([filter, values]) => sampleLine(sample, filter, values, hashes))
        : [failedLine(sample, hashes)];
    const hash = this.#hashes.get(task.name) ?? incrementalHash();
    this.#hashes.set(task.name, hash);
    for (const _line of lines) hash.update(hashes.doc + hashes.prompt + hashes.target);
    if (!this.#withSamples) return;
    const file = this.#file(task.name);
    file.lines.push(...lines);
    if (file.lines.length >= ROWS) flush(file);
  }

  /** Writes the results; returns the paths of all files, that of the results first. @throws LmdeckError `config` when they cannot be written. */
  finish(result: EvaluationResult, settings: RunSettings): readonly string[] {
    const samples = [...this.#files.values()];
    this.close();
    for (const { path } of samples) attempt(path, () => renameSync(`${path}.part`, path));
    const { results } = this.#names;
    const hashes = new Map(Array.from(this.#hashes, ([name, hash]) => [name, hash.digest('hex')]));
    attempt(results, () => {
      writeFileSync(`${results}.part`, `${pythonJson(resultsJson(result, settings, hashes), { indent: 2, ensureAscii: false })}\n`);
      renameSync(`${results}.part`, results);
    });
    return [results, ...samples.map(({ path }) => path)];
  }

  /** Writes what is left of the rows; needed when the run did not come to its end. */
  close(): void {
    for (const file of this.#files.values()) {
      flush(file);
      closeSync(file.descriptor);
    }
    this.#files.clear();
  }

  #file(task: string): SampleFile {
    let file = this.#files.get(task);
    if (file === undefined) {
      const path = this.#names.samples(task);
      const part = `${path}.part`;
      const descriptor = attempt(part, () => {
        // Not emptied but replaced: whoever still writes the rows of an earlier start writes them elsewhere.
        rmSync(part, { force: true });
        return openSync(part, 'w');
      });
      file = { path, descriptor, lines: [] };
      this.#files.set(task, file);
    }
    return file;
  }
}

function flush(file: SampleFile): void {
  if (file.lines.length === 0) return;
  const text = file.lines.map((line) => `${line}\n`).join('');
  file.lines = [];
  attempt(file.path, () => writeFileSync(file.descriptor, text));
}

function attempt<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new LmdeckError('config', `Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function incrementalHash() {
  return process.getBuiltinModule('node:crypto').createHash('sha256');
}
