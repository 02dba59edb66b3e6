import { existsSync } from 'node:fs';
import { LmdeckError } from '../../core/index.ts';

/** @throws LmdeckError `usage` for a file that is there, unless it is to be replaced. */
export function refuseExisting(path: string, overwrite: boolean): void {
  if (!overwrite && existsSync(path)) throw new LmdeckError('usage', `${path} exists. Name another file, or replace it with --overwrite.`);
}
