import { realpathSync } from 'node:fs';
import { LmdeckError } from '../../core/index.ts';
import type { RowSource } from '../sources/row-source.ts';

/** @throws LmdeckError `usage` when rows would be written over what they are read from. */
export function refuseSameFile({ path }: Pick<RowSource, 'path'>, output: string): void {
  if (path === undefined) return;
  try {
    if (realpathSync(path) !== realpathSync(output)) return;
  } catch {
    // The output is not there yet.
    return;
  }
  throw new LmdeckError('usage', `${output} is the file that the rows are read from. Name another output.`);
}
