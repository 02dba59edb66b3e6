import { OUTPUT_FORMATS, SOURCE_FORMATS } from '../../batch/index.ts';
import type { CommandOption } from '../args/command.ts';

/** What every command about runs that asks somebody takes. */
export const commonOptions: readonly CommandOption[] = [
  { flags: '--key <key>', description: 'API key, or the name of a stored one', completes: 'key' },
  { flags: '-d, --database <path>', description: 'Another tape', completes: 'file' },
];

/** How a run is worked on; they can be others when it goes on. */
export const workOptions: readonly CommandOption[] = [
  {
    flags: '--concurrency <n>',
    description: 'Calls at once. Default: 64 for endpoints, four for each sequence of a model in this process',
  },
  { flags: '--cache', description: 'Answer from the tape what any call before has asked' },
  { flags: '--retries <n>', description: 'How often a call that failed is repeated, where that may help. Default: 5' },
  { flags: '--max-errors <n>', description: 'More failed rows than this end the run' },
  { flags: '--max-cost <dollars>', description: 'End the run before it costs more; the price of the model must be known' },
  { flags: '--json', description: 'Print events as JSON lines: start, progress, failed rows, end' },
  ...commonOptions,
];

/** What is asked, at once or in jobs. */
export const rowOptions: readonly CommandOption[] = [
  { flags: '-m, --model <id>', description: 'Model, by id, alias, end of an id, or path (env: LMDECK_MODEL)', completes: 'model' },
  { flags: '--from <format>', description: `What is read: ${SOURCE_FORMATS.join(', ')}. Default: as the file's name says` },
  { flags: '--sql <query>', description: 'The rows of a SQLite file' },
  { flags: '-t, --template <text>', description: "Makes the prompt out of a row's columns: 'Translate {{ text }}'" },
  { flags: '-s, --system <text>', description: 'System prompt of rows that have none; a template too' },
  { flags: '-p, --option <name> <value>', description: 'Option of the model, e.g. -p temperature 0', repeatable: true },
  { flags: '--schema <schema>', description: 'JSON Schema of the answers: JSON, a file, or "name, age int"', completes: 'file' },
  { flags: '-n, --samples <n>', description: 'Answers per row' },
  { flags: '--row-settings', description: 'With a template: columns options, schema, samples, system and model are settings of the row' },
  { flags: '--limit <n>', description: 'Only the first rows' },
  {
    flags: '--config <file>',
    description: 'Settings of a run as lmdeck batch save writes them; what stands on the command line wins',
    completes: 'file',
  },
];

/** Where outcomes go and what they look like. */
export const outputOptions: readonly CommandOption[] = [
  {
    flags: '-o, --output <file>',
    description: 'Where the outcomes go; - prints them; without it they are on the tape only',
    completes: 'file',
  },
  { flags: '-f, --format <format>', description: `What is written: ${OUTPUT_FORMATS.join(', ')}. Default: as the file's name says` },
  { flags: '--join <how>', description: 'How the columns of the input stand in the output: nested, flat, none' },
  { flags: '--keep <columns>', description: 'Only these columns of the input, separated by commas' },
];

/** That of an output which is not the run's own. */
export const overwriteOption: CommandOption = { flags: '--overwrite', description: 'Replace the output' };

/** How big jobs of a provider are. */
export const limitOptions: readonly CommandOption[] = [
  { flags: '--max-rows <n>', description: 'Most requests in a job' },
  { flags: '--max-bytes <n>', description: 'Most bytes in a job' },
  { flags: '--max-enqueued-tokens <n>', description: 'Most tokens of jobs that wait or run (your tier at the provider says how many)' },
];

/** Options of those that hand jobs in. */
export const handInOptions: readonly CommandOption[] = [
  { flags: '--max-attempts <n>', description: 'How often a row is asked in all when its job expires or loses it. Default: 3' },
  { flags: '--resubmit', description: 'Hand jobs in again of which nobody can tell whether they were taken: they may be paid twice' },
];

/** Options of those that take in what jobs bring. */
export const takeInOptions: readonly CommandOption[] = [
  { flags: '--keep-files', description: 'Leave uploaded files at the provider when what their jobs brought is on the tape' },
];

export const runOptions: readonly CommandOption[] = [
  ...rowOptions,
  ...outputOptions,
  { flags: '--as-completed', description: 'Write outcomes as they come, not in the order of the rows' },
  { flags: '--window <n>', description: 'How many rows may wait for an earlier one' },
  { flags: '--run <id>', description: 'Go on with this run; its settings need not be repeated' },
  { flags: '--new', description: 'Start a new run, also when there is one with these settings' },
  overwriteOption,
  { flags: '--dry-run', description: 'Ask nothing: count rows and tokens, and say what they will cost' },
  {
    flags: '--offline',
    description: 'Ask in jobs of the provider, within a day and mostly at half the price; wait for them. Ctrl-C detaches',
  },
  ...limitOptions,
  ...handInOptions,
  ...takeInOptions,
  ...workOptions,
];
