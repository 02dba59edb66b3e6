import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { LmdeckError, messageText, type JsonObject } from '../../core/index.ts';
import type { RowOutcome } from '../../batch/index.ts';
import type { CliIo } from '../io/cli-io.ts';

/** Writes outcomes as JSON Lines: into a file that appears when it is complete, or to stdout (`-`). @returns how many. */
export async function writeOutcomes(outcomes: AsyncIterable<RowOutcome>, output: string, io: CliIo): Promise<number> {
  let count = 0;
  if (output === '-') {
    for await (const outcome of outcomes) {
      await io.print(outcomeLine(outcome));
      count++;
    }
    return count;
  }
  const path = resolve(output);
  const part = `${path}.${process.pid}.part`;
  try {
    const file = openSync(part, 'w');
    try {
      for await (const outcome of outcomes) {
        writeSync(file, outcomeLine(outcome));
        count++;
      }
    } finally {
      closeSync(file);
    }
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    if (LmdeckError.isInstance(error)) throw error;
    throw new LmdeckError('config', `Cannot write ${output}: ${LmdeckError.from(error).message}`, { cause: error });
  }
  return count;
}

/** One row: its input, what was answered, and what it took. */
function outcomeLine(outcome: RowOutcome): string {
  const { id, index, status, usage, costMicros, callIds, input } = outcome;
  const texts = outcome.status === 'cancelled' ? [] : (outcome.samples ?? []).map((sample) => messageText(sample.message));
  const line: JsonObject = {
    id,
    index,
    status,
    ...(texts.length === 1 ? { text: texts[0] } : texts.length === 0 ? {} : { texts }),
    ...(outcome.status === 'error' ? { error: { code: outcome.error.code, message: outcome.error.message } } : {}),
    ...(usage === undefined ? {} : { usage: { input: usage.inputTokens, output: usage.outputTokens } }),
    ...(costMicros === undefined ? {} : { cost_micros: costMicros }),
    calls: callIds,
    ...(input === undefined ? {} : { input }),
  };
  return `${JSON.stringify(line)}\n`;
}
