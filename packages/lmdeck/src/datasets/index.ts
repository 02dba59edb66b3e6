export type { DatasetFormat, DatasetFormatOptions, Doc, Split } from './dataset.ts';
export { openSplits } from './open-split.ts';
export { readLines } from './read-lines.ts';
