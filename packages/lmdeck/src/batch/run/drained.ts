import type { RowEngine } from './row-engine.ts';

/** Begins no further row, and lets those under way come to their end: they are paid for, and on the tape the next run finds them. */
export async function drained(engine: RowEngine): Promise<void> {
  engine.stop();
  try {
    while ((await engine.next()) !== undefined);
  } catch {
    // Why it ended is known.
  }
}
