import { LmdeckError } from '../../core/index.ts';
import type { GeneratorOptions } from '../../functions/generate/index.ts';
import type { CommandOption } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';

/** Options of every command that reads declarations. */
export const sourceOptions: readonly CommandOption[] = [
  { flags: '--project <file>', description: 'This tsconfig.json, instead of the one next above each source', completes: 'file' },
  { flags: '--reader <name>', description: 'typescript (7) or oxc; default: typescript where it is installed' },
];

/** The paths to look at; without any, this folder. */
export function sourcePaths(args: readonly string[]): readonly string[] {
  return args.length === 0 ? ['.'] : args;
}

/** What the options say of reading declarations. */
export function generatorOptions(options: ParsedOptions): GeneratorOptions {
  const reader = options.text('reader');
  if (reader !== undefined && reader !== 'typescript' && reader !== 'oxc')
    throw new LmdeckError('usage', `--reader is typescript or oxc, not "${reader}".`);
  return { folder: process.cwd(), project: options.text('project'), reader };
}
