import type { OutputFormat, TableFormat } from './convert-rows.ts';
import type { LineOptions } from './row-line.ts';

/** What of an output's settings decides what its rows look like. */
export interface OutputOptions extends Omit<LineOptions, 'shape'> {
  /** Default: JSON lines, in OpenAI's form for OpenAI's lines. */
  readonly format?: OutputFormat | undefined;
}

/** How rows are written for a format: in all outputs alike, whoever asked them. */
export function outputLines({ format, join, keep }: OutputOptions): LineOptions {
  const isRows = format === 'jsonl' || isTable(format);
  return {
    shape: format === 'openai-batch' ? 'openai-batch' : isRows ? 'rows' : 'auto',
    join: join ?? (isTable(format) ? 'flat' : 'nested'),
    keep,
  };
}

/** True for what is made out of lines when all of them are there. */
export function isTable(format: OutputFormat | undefined): format is TableFormat {
  return format === 'csv' || format === 'parquet';
}
