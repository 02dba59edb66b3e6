import { Occurrences } from './occurrences.ts';
import { textHash } from './text-hash.ts';

/** Counts what is asked: gives for each text how many like it came before, so that rows that ask the same become separate draws. */
export function drawCounter(): (asked: string) => number {
  const seen = new Occurrences();
  return (asked) => seen.add(textHash(asked));
}
