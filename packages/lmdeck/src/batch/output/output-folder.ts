import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LmdeckError } from '../../core/index.ts';

/**
 * Makes the folder that an output goes into, before anything is asked for it.
 * @throws LmdeckError `usage` when the output is a folder itself, `config` when nothing can be written there.
 */
export function makeOutputFolder(output: string): void {
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new LmdeckError('usage', `${output} is a folder. Name a file in it.`);
  const folder = dirname(output);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new LmdeckError('config', `Cannot write ${output}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
