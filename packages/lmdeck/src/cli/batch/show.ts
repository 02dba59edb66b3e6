import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckpoint, readFailed } from '../../batch/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { durationText } from '../io/duration-text.ts';
import { printable } from '../io/printable.ts';
import { counted, plural } from '../io/progress.ts';
import { localTime } from '../logs/local-time.ts';
import { dollars } from '../prompt/usage-text.ts';
import { withDeck } from '../with-deck.ts';
import { failureText, tallyJson } from './batch-progress.ts';
import type { BatchRecord } from './batch-record.ts';
import { BatchRuns } from './batch-runs.ts';

export const showCommand: Command = {
  name: 'show',
  summary: 'How a run stands, and which rows failed',
  arguments: ['[run]'],
  options: [
    { flags: '--failed', description: 'Print the outcomes of the rows that failed, as JSON lines' },
    { flags: '--json', description: 'Print JSON' },
  ],
  examples: [{ command: 'lmdeck batch show', does: 'The last run' }, { command: 'lmdeck batch show 01kab --failed' }],
  run: show,
};

async function show({ args, options, io }: Invocation): Promise<void> {
  return withDeck(io, { tape: false }, async (deck) => {
    const runs = new BatchRuns(deck.paths.home);
    const record = runs.get(args[0] ?? 'latest');
    const folder = runs.folderOf(record.run);
    const checkpoint = readCheckpoint(folder);
    if (options.flag('failed')) {
      for (const line of failedLines(record, folder, checkpoint?.failed ?? 0)) await io.print(line);
      return undefined;
    }
    const tally = checkpoint?.tally ?? record.tally;
    if (options.flag('json')) {
      const facts = { ...record, ...(tally === undefined ? {} : { tally: tallyJson(tally) }), complete: checkpoint?.complete ?? false };
      return io.print(`${JSON.stringify(facts, undefined, 2)}\n`);
    }
    const { settings, startedAt, endedAt, status, error } = record;
    const took = endedAt === undefined ? '' : `, last ended ${localTime(endedAt)} (${durationText((endedAt - startedAt) / 1000)} later)`;
    const lines = [
      `Run ${record.run}: ${status}`,
      `${settings.source} → ${settings.model ?? 'the models that the rows name'} → ${settings.output ?? 'the tape only'}`,
      `Started ${localTime(startedAt)}${took}`,
      ...(tally === undefined
        ? []
        : [
            `${plural(tally.rows, 'row')}${checkpoint?.complete === true ? '' : ' so far'}, ${counted(tally.ok)} ok${tally.failed === 0 ? '' : `, ${failureText(tally)}`}`,
            `${plural(tally.calls, 'call')}, ${counted(tally.inputTokens)} tokens in, ${counted(tally.outputTokens)} out, ${tally.costMicros > 0 ? dollars(tally.costMicros) : 'cost unknown'}`,
          ]),
      ...(error === undefined ? [] : [`Stopped by: ${error}`]),
      ...(status === 'finished' ? [] : [`Go on: lmdeck batch run --run ${record.run}`]),
      `Calls: lmdeck tape export --run ${record.run}`,
    ];
    return io.print(printable(`${lines.join('\n')}\n`, io));
  });
}

/** The lines of failed rows, out of the output. */
function* failedLines({ settings }: BatchRecord, folder: string, count: number): Generator<string, undefined> {
  const spool = join(folder, 'lines.jsonl');
  const path = existsSync(spool) ? spool : settings.output;
  if (count === 0) return undefined;
  if (path === undefined) {
    for (const { index } of readFailed(folder, count)) yield `${JSON.stringify({ index })}\n`;
    return undefined;
  }
  const file = openSync(path, 'r');
  try {
    for (const { at, length } of readFailed(folder, count)) {
      const buffer = Buffer.alloc(length);
      yield buffer.toString('utf8', 0, readSync(file, buffer, 0, length, at));
    }
  } finally {
    closeSync(file);
  }
  return undefined;
}
