import { globSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LmdeckError } from '../core/index.ts';
import { arrowRows } from './arrow-rows.ts';
import { csvRows } from './csv-rows.ts';
import type { DatasetFormat, DatasetFormatOptions, Split } from './dataset.ts';
import { JsonColumns } from './json-columns.ts';
import { jsonRows } from './json-rows.ts';
import { parquetRows } from './parquet-rows.ts';

const formats: readonly DatasetFormat[] = [jsonRows, csvRows, parquetRows, arrowRows];

/** Where a dataset is, as task files say it. */
export interface DatasetLocation {
  /** A format (`json`, `csv`, `parquet`, `arrow`), or a folder of files. */
  readonly path: string;
  /** A configuration of the dataset: a folder below it. */
  readonly name?: string | undefined;
  /** Files by split; patterns are allowed. One list without a split means `train`, as with the usual loaders. */
  readonly dataFiles?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly formatOptions?: DatasetFormatOptions | undefined;
  /** What relative paths start from. */
  readonly base: string;
}

/** The splits of a dataset, by name. @throws LmdeckError `config` when there are no files. */
export function openSplits(location: DatasetLocation): ReadonlyMap<string, Split> {
  const format = formats.find(({ name }) => name === location.path);
  const byName = location.dataFiles === undefined ? filesOfFolder(location) : filesByName(location, location.dataFiles);
  const splits = new Map<string, Split>();
  for (const [name, files] of byName) {
    if (files.length > 0) splits.set(name, splitOf(files, format, location.formatOptions ?? {}));
  }
  return splits;
}

function filesByName({ base }: DatasetLocation, dataFiles: Readonly<Record<string, readonly string[]>>): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, patterns] of Object.entries(dataFiles)) {
    byName.set(
      name,
      patterns.flatMap((pattern) => {
        const found = isFile(resolve(base, pattern))
          ? [resolve(base, pattern)]
          : globSync(pattern, { cwd: base }).map((file) => resolve(base, file));
        if (found.length === 0) throw new LmdeckError('config', `There is no data file ${resolve(base, pattern)} (split ${name}).`);
        return found.sort();
      }),
    );
  }
  return byName;
}

/** A file of a table that is written in parts: what stands before the numbers is the split. */
const SHARD = /([^/\\]+)-\d{5}-of-\d{5}[^/\\]*$/;
const SPLIT_WORD = /(?:^|[/_.-])(train|validation|valid|val|dev|test)(?=[/_.-]|$)/i;

function usualName(split: string): string | undefined {
  const word = SPLIT_WORD.exec(split)?.[1]?.toLowerCase();
  return word === 'valid' || word === 'val' || word === 'dev' ? 'validation' : word;
}

/** Files of a folder by the split that their name or folder says: `test.jsonl`, `test-00000-of-00002.parquet`, `data/validation/x.csv`. */
function filesOfFolder({ path, name, base }: DatasetLocation): Map<string, string[]> {
  const root = resolve(base, path);
  const folder = name !== undefined && isFolder(join(root, name)) ? join(root, name) : root;
  if (!isFolder(folder)) {
    throw new LmdeckError(
      'config',
      `There is no dataset ${JSON.stringify(path)} here: it is neither a format (${formats.map((format) => format.name).join(', ')}) with data_files nor a folder ` +
        `(${root}). Datasets are not downloaded: get its files first (for example with "hf download --repo-type dataset ${path}") and name their folder as dataset_path, or with --data ${path}=FOLDER.`,
    );
  }
  const byName = new Map<string, string[]>();
  for (const file of globSync('**/*', { cwd: folder }).sort()) {
    const split = formatOf(file) === undefined ? undefined : (SHARD.exec(file)?.[1] ?? SPLIT_WORD.exec(file)?.[1]?.toLowerCase());
    if (split !== undefined) byName.set(split, [...(byName.get(split) ?? []), join(folder, file)]);
  }
  // Where no file says "validation", it is what the files call valid, val or dev; a folder may have "dev" beside it, as MMLU has.
  for (const [name, files] of byName) {
    const usual = usualName(name);
    if (usual !== undefined && !byName.has(usual)) byName.set(usual, files);
  }
  if (byName.size === 0)
    throw new LmdeckError(
      'config',
      `${folder} has no data files whose names tell their split, such as test.jsonl or train-00000-of-00001.parquet.`,
    );
  return byName;
}

function splitOf(files: readonly string[], format: DatasetFormat | undefined, options: DatasetFormatOptions): Split {
  const readers = files.map((file) => [file, format ?? formatOf(file)] as const);
  let columns: Promise<JsonColumns> | undefined;
  return {
    source: files.join(', '),
    rows: async function* () {
      for (const [file, reader] of readers) {
        if (reader === undefined)
          throw new LmdeckError('config', `${file}: not a data file (${formats.flatMap((each) => each.extensions).join(', ')}).`);
        if (reader !== jsonRows) yield* reader.rows(file, options);
        else {
          const known = await (columns ??= columnsOf(
            readers.flatMap(([each, its]) => (its === jsonRows ? each : [])),
            options,
          ));
          for await (const row of jsonRows.rows(file, options)) yield known.completed(row);
        }
      }
    },
  };
}

/** JSON has no table head: which columns there are is known at the end of the last file. */
async function columnsOf(files: readonly string[], options: DatasetFormatOptions): Promise<JsonColumns> {
  const columns = new JsonColumns();
  for (const file of files) for await (const row of jsonRows.rows(file, options)) columns.learn(row);
  return columns;
}

function formatOf(file: string): DatasetFormat | undefined {
  return formats.find(({ extensions }) => extensions.some((extension) => file.toLowerCase().endsWith(extension)));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
