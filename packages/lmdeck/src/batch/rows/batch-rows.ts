import type { BatchRow, MalformedRow } from '../batch-row.ts';
import type { BatchOptions } from '../run/batch-options.ts';
import { START, type RowSource } from '../sources/row-source.ts';
import { promptTemplate } from './prompt-template.ts';
import { RowReader } from './row-reader.ts';

/** What of a run's options decides what rows ask. */
export type RowOptions = Pick<
  BatchOptions,
  'template' | 'system' | 'options' | 'schema' | 'samples' | 'rowSettings' | 'lineModels' | 'limit'
>;

/** Understands the rows of a source. @throws LmdeckError `usage` for a template that is none */
export async function rowReader(source: Pick<RowSource, 'name' | 'places'>, options: RowOptions): Promise<RowReader> {
  const { template, system, options: modelOptions, schema, samples, rowSettings, lineModels } = options;
  return new RowReader(source, {
    template: template === undefined ? undefined : await promptTemplate(template),
    system: system === undefined ? undefined : await promptTemplate(system),
    options: modelOptions,
    schema,
    samples,
    rowSettings,
    lineModels,
  });
}

/** The rows of a source as requests, nothing asked: what a run would ask. @throws LmdeckError `config`, `usage` */
export async function* batchRows(source: RowSource, options: RowOptions = {}): AsyncGenerator<BatchRow | MalformedRow, undefined> {
  const reader = await rowReader(source, options);
  for await (const group of source.read(START)) {
    for (const each of group) {
      if (each.index >= (options.limit ?? Infinity)) return undefined;
      yield reader.read(each).row;
    }
  }
  return undefined;
}
