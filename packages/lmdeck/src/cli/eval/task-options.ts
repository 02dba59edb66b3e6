import { delimiter, resolve } from 'node:path';
import type { CommandOption } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { LmdeckError } from '../../core/index.ts';

/** Options that say where tasks and their data are. */
export const taskOptions: readonly CommandOption[] = [
  {
    flags: '--include-path <folder>',
    description: 'Folder of task files, for tasks that are named (env: LMDECK_TASKS)',
    repeatable: true,
    completes: 'file',
  },
  { flags: '--data <name=folder>', description: 'Where the data of a dataset_path lie, e.g. gsm8k=./gsm8k', repeatable: true },
];

/** The folders in which named tasks are looked for. */
export function includePaths(options: ParsedOptions, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const given = options.texts('includePath');
  if (given.length > 0) return given;
  return (env['LMDECK_TASKS'] ?? '').split(delimiter).filter((path) => path !== '');
}

/** `--data NAME=FOLDER` as an object. @throws LmdeckError `usage` */
export function dataFolders(options: ParsedOptions): Readonly<Record<string, string>> {
  return Object.fromEntries(
    options.texts('data').map((text) => {
      const equals = text.indexOf('=');
      if (equals <= 0) throw new LmdeckError('usage', `--data takes NAME=FOLDER, not "${text}".`);
      return [text.slice(0, equals), resolve(text.slice(equals + 1))];
    }),
  );
}
