import { availableParallelism } from 'node:os';

const MOST_THREADS = 8;

/**
 * Threads for a model of this size. A small one gets a single thread: the threads of ggml wait for each other spinning, and on
 * a busy machine that takes a hundred times longer than the work. Others get the cores that are good for arithmetic, one left
 * free, eight at most.
 */
export function defaultThreads(weightsBytes: number, mathCores: number): number {
  if (weightsBytes < 64 * 1024 * 1024) return 1;
  return Math.max(1, Math.min(mathCores, availableParallelism(), MOST_THREADS + 1) - 1);
}
