import { defineOptions, type OptionsSchema } from '../../core/index.ts';
import { OUTPUT_FORMATS } from '../output/convert-rows.ts';
import { JOINS } from '../output/row-line.ts';
import { SOURCE_FORMATS } from '../sources/open-source.ts';

/**
 * What can be set on a run, as data: the names that its file takes.
 *
 * @example
 * ```ts
 * import { batchParameters } from 'lmdeck/batch';
 * import { parameters } from 'lmdeck/configure';
 *
 * console.log(parameters(batchParameters).find((each) => each.name === 'samples')?.default); // 1
 * ```
 */
export const batchParameters: OptionsSchema = defineOptions({
  source: { type: 'string', description: 'File with the rows, relative to this one; - for stdin.', required: true },
  from: { type: 'string', description: 'What is read.', choices: SOURCE_FORMATS },
  sql: { type: 'string', description: 'The rows of a SQLite file.' },
  model: { type: 'string', description: 'Name of the model, or an object that describes it.' },
  template: { type: 'string', description: "Makes the prompt out of a row's columns." },
  system: { type: 'string', description: 'System prompt of rows that have none; a template too.' },
  options: { type: 'json', description: 'Options of the model.' },
  schema: { type: 'json', description: 'JSON Schema of the answers.' },
  samples: { type: 'integer', description: 'Answers per row.', minimum: 1, default: 1 },
  rowSettings: { type: 'boolean', description: 'With a template: columns named like settings are settings of the row.' },
  lineModels: { type: 'boolean', description: "Lines of OpenAI's batch format choose their model." },
  limit: { type: 'integer', description: 'Only the first rows.', minimum: 1 },
  output: { type: 'string', description: 'Where the outcomes go, relative to this file; absent: on the tape only.' },
  format: { type: 'string', description: 'What is written.', choices: OUTPUT_FORMATS },
  join: { type: 'string', description: 'How the columns of the input stand in the output.', choices: JOINS },
  keep: { type: 'strings', description: 'Only these columns of the input.' },
  asCompleted: { type: 'boolean', description: 'Outcomes as they come, not in the order of the rows.', default: false },
  offline: { type: 'boolean', description: 'Asked in jobs of the provider.', default: false },
  concurrency: { type: 'integer', description: 'Calls at once.', minimum: 1 },
  window: { type: 'integer', description: 'How many rows may wait for an earlier one.', minimum: 1 },
  retries: { type: 'integer', description: 'How often a call that failed is repeated.', minimum: 0 },
  cache: { type: 'boolean', description: 'Answer from the tape what any call before has asked.', default: false },
  maxErrors: { type: 'integer', description: 'More failed rows than this end the run.', minimum: 0 },
  maxCost: { type: 'number', description: 'Dollars; the run ends before it costs more.', minimum: 0 },
});
