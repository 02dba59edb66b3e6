import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { batchOutcomes, outputLines, readCheckpoint, readFailed, rowObject, type FailedRow } from '../../batch/index.ts';
import type { JsonValue, StoredCall } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import type { CliIo } from '../io/cli-io.ts';
import { durationText } from '../io/duration-text.ts';
import { printable } from '../io/printable.ts';
import { counted, plural } from '../io/progress.ts';
import { localTime } from '../logs/local-time.ts';
import { dollars } from '../prompt/usage-text.ts';
import { withDeck } from '../with-deck.ts';
import { failureText } from './batch-progress.ts';
import { resumeCommand, type BatchRecord } from './batch-record.ts';
import { viewJson } from './list.ts';
import { runsFolder, stateLine } from './offline-options.ts';
import { findRunView, runViews, type RunView } from './run-view.ts';

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
  return withDeck(io, {}, async (deck) => {
    const view = findRunView(runViews(deck.paths.home, io), args[0] ?? 'latest');
    const { run, kind, record } = view;
    const folder = join(runsFolder(deck), run);
    const checkpoint = kind === 'online' ? readCheckpoint(folder) : undefined;
    if (options.flag('failed')) {
      if (kind === 'offline') return printFailed(view, deck, io);
      const count = checkpoint?.failed ?? 0;
      if (record !== undefined)
        for (const line of failedLines(record, folder, count) ?? failedCalls(run, readFailed(folder, count), await deck.tape()))
          await io.print(line);
      return undefined;
    }
    const complete = checkpoint?.complete ?? (view.jobs?.state === 'finished' || view.jobs?.state === 'cancelled');
    if (options.flag('json')) return io.print(`${JSON.stringify({ ...viewJson(view), complete }, undefined, 2)}\n`);
    return io.print(printable(`${viewLines(view, complete).join('\n')}\n`, io));
  });
}

function viewLines({ run, kind, startedAt, status, model, source, output, tally, jobs, record }: RunView, complete: boolean): string[] {
  const { endedAt, error } = record ?? {};
  const took = endedAt === undefined ? '' : `, last ended ${localTime(endedAt)} (${durationText((endedAt - startedAt) / 1000)} later)`;
  const again =
    kind === 'offline' ? `lmdeck batch wait ${run}` : record === undefined ? `lmdeck batch run --run ${run}` : resumeCommand(record);
  const next = complete && kind === 'offline' ? `lmdeck batch retry-failed ${run}` : again;
  return [
    `Run ${run}: ${status}${kind === 'offline' ? ' (jobs of the provider)' : ''}`,
    `${source ?? '-'} → ${model ?? 'the models that the rows name'} → ${output ?? 'the tape only'}`,
    `Started ${localTime(startedAt)}${took}`,
    ...(jobs === undefined ? [] : [stateLine(jobs)]),
    ...(tally === undefined
      ? []
      : [
          `${plural(tally.rows, 'row')}${complete ? '' : ' so far'}, ${counted(tally.ok)} ok${tally.failed === 0 ? '' : `, ${failureText(tally)}`}`,
          `${plural(tally.calls, 'call')}, ${counted(tally.inputTokens)} tokens in, ${counted(tally.outputTokens)} out, ${tally.costMicros > 0 ? dollars(tally.costMicros) : 'cost unknown'}`,
        ]),
    ...(error === undefined ? [] : [`Stopped by: ${error}`]),
    ...(status === 'finished' || status === 'cancelled' ? [] : [`Go on: ${next}`]),
    `Calls: lmdeck tape export --run ${run}`,
  ];
}

/** The outcomes of failed rows of jobs, which are on the tape and in the run's folder. */
async function printFailed({ run, record }: RunView, deck: Deck, io: CliIo): Promise<void> {
  const lines = outputLines(record?.settings ?? {});
  for await (const outcome of batchOutcomes(run, { tape: await deck.tape(), folder: runsFolder(deck) }))
    if (outcome.status === 'error') await io.print(`${JSON.stringify(rowObject(outcome, lines))}\n`);
}

/** The lines of failed rows, out of the output; `undefined` for a run that writes none, and when they do not stand there any more. */
function failedLines(
  { settings }: BatchRecord,
  folder: string,
  count: number,
): readonly string[] | Generator<string, undefined> | undefined {
  const spool = join(folder, 'lines.jsonl');
  const path = existsSync(spool) ? spool : settings.output;
  if (count === 0) return [];
  const rows = readFailed(folder, count);
  return path === undefined || !hasLines(path, rows) ? undefined : linesAt(path, rows);
}

/** An output that somebody has moved or changed has something else there. */
function hasLines(path: string, rows: readonly FailedRow[]): boolean {
  try {
    for (const line of linesAt(path, rows)) JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function* linesAt(path: string, rows: readonly FailedRow[]): Generator<string, undefined> {
  const file = openSync(path, 'r');
  try {
    for (const { at, length } of rows) {
      const buffer = Buffer.alloc(length);
      yield buffer.toString('utf8', 0, readSync(file, buffer, 0, length, at));
    }
  } finally {
    closeSync(file);
  }
  return undefined;
}

/** What the tape says of failed rows that stand nowhere: the last error of each. One that was never asked has only its number. */
function* failedCalls(run: string, rows: readonly FailedRow[], tape: Pick<Tape, 'iterate'>): Generator<string, undefined> {
  const last = new Map<JsonValue | undefined, StoredCall>();
  for (const call of tape.iterate({ runId: run, status: 'error', order: 'oldest' })) last.set(call.metadata?.['row'], call);
  for (const { index } of rows) {
    const call = last.get(index);
    const named = call?.metadata?.['id'];
    const row = { id: typeof named === 'string' ? named : String(index), index, status: 'error' } as const;
    if (call?.error === undefined) yield `${JSON.stringify(row)}\n`;
    else {
      const { id, model, attempts = 1, error } = call;
      yield `${JSON.stringify(rowObject({ ...row, place: '', callIds: [id], model, attempts, error }))}\n`;
    }
  }
  return undefined;
}
