import type { MockServer } from './child-process.ts';
import type { Comparison } from './comparison.ts';

/** What rows are run with. */
export interface Bench {
  readonly server: MockServer;
  /** Fewer and shorter rounds. */
  readonly quick: boolean;
  /** An empty folder that is removed at the end. */
  newFolder(): string;
}

/** A part of the benchmark that can be run alone. */
export interface Row {
  readonly name: string;
  readonly summary: string;
  run(bench: Bench): Promise<readonly Comparison[]>;
}
