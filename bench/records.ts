import { seeded, wordsOf } from './workload.ts';

/** A call as a log of calls holds it: about 2.5 KB once everything around it is written down. */
export interface CallRecord {
  readonly prompt: string;
  readonly answer: string;
}

const corpus = wordsOf(1_000_000, seeded(7));

/** The same record for the same index, in every process. */
export function recordAt(index: number): CallRecord {
  const random = seeded(index);
  const cut = (length: number): string => {
    const start = Math.floor(random() * (corpus.length - length));
    return corpus.slice(start, start + length);
  };
  return { prompt: `ticket ${index}: ${cut(1200)}`, answer: cut(700) };
}

/** How many calls the files have in which something is looked up. */
export const filedRecords = 20_000;

/** Indices of filed records in no order, so that a page is seldom the one read before. */
export function shuffledIndex(run: number): number {
  return Math.floor(seeded(run)() * filedRecords);
}
