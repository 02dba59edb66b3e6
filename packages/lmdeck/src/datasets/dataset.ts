import type { PythonValue } from '../python/index.ts';

/** One example of a dataset: its columns, as Python would hold them. */
export type Doc = Readonly<Record<string, PythonValue>>;

/** The rows of one split, read as they are asked for. Can be read more than once. */
export interface Split {
  /** Where the rows come from: the files. */
  readonly source: string;
  rows(): AsyncIterable<Doc>;
}

/** A file format of datasets. */
export interface DatasetFormat {
  readonly name: 'json' | 'csv' | 'parquet' | 'arrow';
  /** File name endings. */
  readonly extensions: readonly string[];
  rows(path: string, options: DatasetFormatOptions): AsyncIterable<Doc>;
}

/** The loader's options that change how a file is read: `dataset_kwargs` of a task. */
export interface DatasetFormatOptions {
  /** Of CSV files. Default: `,`, and a tab in `.tsv` files. */
  readonly delimiter?: string | undefined;
  /** Column names of CSV files without a first line of names. */
  readonly columnNames?: readonly string[] | undefined;
  /** The member of a JSON file that holds the rows. */
  readonly field?: string | undefined;
}
