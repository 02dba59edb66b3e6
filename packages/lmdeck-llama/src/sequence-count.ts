import type { LoadOptions } from './loaded-model.ts';
import { weightsBytes } from './weights-file.ts';

const SMALL_MODEL_BYTES = 64 * 1024 * 1024;
const SMALL_MODEL_SEQUENCES = 4;

/** How many calls a model answers side by side; known before it is loaded. */
export function sequenceCount(path: string, { sequences }: Pick<LoadOptions, 'sequences'>): number {
  if (sequences !== undefined) return sequences;
  return (weightsBytes(path) ?? Infinity) < SMALL_MODEL_BYTES ? SMALL_MODEL_SEQUENCES : 1;
}
