import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LmdeckError } from '../../core/index.ts';

/**
 * Makes the folder that an output goes into, before anything is asked for it.
 * @throws LmdeckError `usage` when the output is there and is no file, `config` when nothing can be written there.
 */
export function makeOutputFolder(output: string): void {
  const there = statSync(output, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) throw new LmdeckError('usage', `${output} is a folder. Name a file in it.`);
  // Replacing a device would take it off the system.
  if (there?.isFile() === false)
    throw new LmdeckError(
      'usage',
      `${output} is no file that can be gone on with. Without an output the outcomes are on the tape; - prints them.`,
    );
  const folder = dirname(output);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new LmdeckError('config', `Cannot write ${output}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
