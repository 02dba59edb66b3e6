import { costMicros, type Price, type Response } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import { colours, type PrintedAnswer } from './print-answer.ts';
import { storedCall } from './stored-call.ts';
import { usageText } from './usage-text.ts';

/** Tells on stderr what an answer took. Cost and origin are those that the tape has; of a call that is not recorded the cost is by `price`. */
export async function printUsage(
  response: Response,
  answer: PrintedAnswer,
  io: CliIo,
  deck: Deck,
  price: Price | undefined,
): Promise<void> {
  const [stored, usage] = [await storedCall(response, deck), await response.usage()];
  const { firstTokenMs, durationMs } = answer;
  const cost = stored === undefined && price !== undefined ? costMicros(usage, price) : stored?.costMicros;
  const line = `Usage: ${usageText({ ...usage, firstTokenMs, durationMs, costMicros: cost, cachedFrom: stored?.cachedFrom })}`;
  io.note(colours(io) ? `\u001B[33m${line}\u001B[39m` : line);
}
