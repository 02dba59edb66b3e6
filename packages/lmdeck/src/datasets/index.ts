export { arrowRows } from './arrow-rows.ts';
export { csvRecords, type CsvRecord } from './csv-records.ts';
export type { DatasetFormat, DatasetFormatOptions, Doc, Split } from './dataset.ts';
export { jsonRows, jsonValues } from './json-rows.ts';
export { openSplits } from './open-split.ts';
export { parquetRows } from './parquet-rows.ts';
export { plainJson } from './plain-json.ts';
export { readLines } from './read-lines.ts';
