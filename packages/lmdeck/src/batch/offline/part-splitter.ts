import type { BatchLimits } from '../../core/index.ts';

/** The size of one row, or of several. */
export interface RowSize {
  /** Requests. */
  readonly rows: number;
  /** Of their lines, a line feed after each. */
  readonly bytes: number;
  readonly tokens: number;
}

const NOTHING: RowSize = { rows: 0, bytes: 0, tokens: 0 };

/** Decides where a part ends. */
export class PartSplitter {
  readonly #limits: BatchLimits;
  #size = NOTHING;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  /** What is in the part so far. */
  get size(): RowSize {
    return this.#size;
  }

  /** Which limit a row alone is beyond: no job can ask it. */
  excess({ rows, bytes, tokens }: RowSize): string | undefined {
    const { maxRows = Infinity, maxBytes = Infinity, maxEnqueuedTokens = Infinity } = this.#limits;
    if (bytes > maxBytes) return `its request has ${bytes} bytes, and a job may have ${maxBytes}`;
    if (tokens > maxEnqueuedTokens) return `it has about ${tokens} tokens, and all jobs together may have ${maxEnqueuedTokens}`;
    if (rows > maxRows) return `it takes ${rows} requests, and a job may have ${maxRows}`;
    return undefined;
  }

  /** True when a row can join the part: a limit may be reached, not passed. */
  fits({ rows, bytes, tokens }: RowSize): boolean {
    const { maxRows = Infinity, maxBytes = Infinity, maxEnqueuedTokens = Infinity } = this.#limits;
    const now = this.#size;
    return now.rows + rows <= maxRows && now.bytes + bytes <= maxBytes && now.tokens + tokens <= maxEnqueuedTokens;
  }

  add({ rows, bytes, tokens }: RowSize): void {
    this.#size = { rows: this.#size.rows + rows, bytes: this.#size.bytes + bytes, tokens: this.#size.tokens + tokens };
  }

  /** Begins the next part. */
  next(): void {
    this.#size = NOTHING;
  }
}
