/** Something that is measured, as one library does it. */
export interface Task {
  /** Gets ready for `count` runs from `first` on. Not measured. */
  readonly prepare?: (first: number, count: number, argument: string) => void | Promise<void>;
  /**
   * Does it once. `index` is never used twice in a process; `argument` is the case's. Returns what came out, shortly: all clients of a
   * comparison must return the same, else they did not do the same work.
   */
  readonly run: (index: number, argument: string) => string | Promise<string>;
  /** What belongs to the work but comes after all runs of a slice. Measured. */
  readonly settle?: () => void | Promise<void>;
}

export type Tasks = Readonly<Record<string, Task>>;

/** What a client gets to know. */
export interface ClientSetup {
  /** The mock server, with `/v1`. */
  readonly baseUrl: string;
  /** An empty folder of its own; removed after the run. */
  readonly folder: string;
}

/** A library under test: loaded in a process of its own. */
export interface Client {
  open(setup: ClientSetup): Tasks | Promise<Tasks>;
}

/** What one slice took. */
export interface Slice {
  readonly wallMs: number;
  /** User and system time of all threads, microseconds. */
  readonly cpuUs: number;
  readonly rssMb: number;
  /** The most that the process ever had. */
  readonly peakRssMb: number;
  /** What the last run returned. */
  readonly result: string;
}

/** What a child process is told to do. */
export interface SliceOrder {
  readonly task: string;
  readonly argument: string;
  readonly count: number;
  readonly concurrency: number;
}

export type ChildMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'slice'; readonly slice: Slice }
  | { readonly type: 'failed'; readonly error: string };
