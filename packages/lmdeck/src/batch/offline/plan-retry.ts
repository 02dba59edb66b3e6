import { LmdeckError } from '../../core/index.ts';
import { estimateTokens } from './estimate-tokens.ts';
import type { PartPlan } from './journal.ts';
import { PartWriter, type PartIndex } from './part-file.ts';
import { customIdOf } from './part-rows.ts';
import type { RunContext } from './run-context.ts';
import type { PartState } from './run-state.ts';

/** Puts rows of a part that have no outcome into a part of their own. It counts only when the journal names it. */
export async function planRetry(
  context: RunContext,
  part: PartState,
  index: PartIndex,
  keys: readonly string[],
  crowded: boolean,
): Promise<PartPlan> {
  const number = Math.max(...context.state.parts.map((each) => each.part)) + 1;
  const label = context.folder.label(number);
  const writer = new PartWriter(context.folder.part(number));
  let [bytes, tokens] = [0, 0];
  try {
    for (const key of keys) {
      const row = index.row(key);
      if (row === undefined) throw new LmdeckError('internal', `The row ${key} of part ${part.part} is gone.`);
      const { line } = await context.api.encode(customIdOf(label, key), row.request);
      bytes += Buffer.byteLength(line) + 1;
      tokens += estimateTokens(row.request);
      writer.add(row);
    }
  } catch (error) {
    writer.discard();
    throw error;
  }
  writer.close();
  const plan = { part: number, rows: keys.length, bytes, tokens, of: part.part };
  // A job for which there was no room has asked nothing.
  return crowded ? { ...plan, attempt: part.attempt, crowded } : { ...plan, attempt: part.attempt + 1 };
}
