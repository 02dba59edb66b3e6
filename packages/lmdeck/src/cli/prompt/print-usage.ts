import type { Response } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import { colours, type PrintedAnswer } from './print-answer.ts';
import { storedCall } from './stored-call.ts';
import { usageText } from './usage-text.ts';

/** Tells on stderr what an answer took. Cost and origin are those that the tape has. */
export async function printUsage(response: Response, answer: PrintedAnswer, io: CliIo, deck: Deck): Promise<void> {
  const stored = await storedCall(response, deck);
  const { firstTokenMs, durationMs } = answer;
  const line = `Usage: ${usageText({ ...(await response.usage()), firstTokenMs, durationMs, costMicros: stored?.costMicros, cachedFrom: stored?.cachedFrom })}`;
  io.note(colours(io) ? `\u001B[33m${line}\u001B[39m` : line);
}
