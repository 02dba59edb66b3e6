import type { Command, Invocation } from '../args/command.ts';
import { counted, plural } from '../io/progress.ts';
import { printable } from '../io/printable.ts';
import { localTime } from '../logs/local-time.ts';
import { dollars } from '../prompt/usage-text.ts';
import { withDeck } from '../with-deck.ts';
import { tallyJson } from './batch-progress.ts';
import { runViews, type RunView } from './run-view.ts';

export const listCommand: Command = {
  name: 'ls',
  summary: 'List runs, those that ask at once and those in jobs of a provider',
  options: [
    { flags: '-n, --count <number>', description: 'How many runs; 0 for all', default: '20' },
    { flags: '--json', description: 'Print JSON' },
  ],
  examples: [{ command: 'lmdeck batch ls', does: 'The last runs' }],
  run: list,
};

async function list({ options, io }: Invocation): Promise<void> {
  return withDeck(io, { tape: false }, async (deck) => {
    const count = options.integer('count') ?? 20;
    const all = runViews(deck.paths.home, io);
    const shown = count === 0 ? all : all.slice(0, count);
    if (options.flag('json')) return io.print(`${JSON.stringify(shown.map(viewJson), undefined, 2)}\n`);
    if (all.length === 0) return io.note('There are no batch runs yet. Start one: lmdeck batch run examples/rows.jsonl -m tiny');
    for (const view of shown) await io.print(printable(viewLine(view), io));
    return undefined;
  });
}

/** A run as `--json` prints it. */
export function viewJson({ tally, record, ...view }: RunView): Readonly<Record<string, unknown>> {
  const { settings, endedAt, error } = record ?? {};
  return { ...view, settings, endedAt, error, ...(tally === undefined ? {} : { tally: tallyJson(tally) }) };
}

function viewLine({ run, kind, startedAt, status, model, source, output, tally, jobs }: RunView): string {
  const rows = tally?.rows ?? jobs?.rows;
  const failed = tally?.failed ?? (jobs === undefined ? 0 : jobs.failed + jobs.missing + jobs.refused);
  const cost = tally === undefined || tally.costMicros === 0 ? '' : `, ${dollars(tally.costMicros)}`;
  const counts = rows === undefined ? '' : `  ${plural(rows, 'row')}${failed === 0 ? '' : `, ${counted(failed)} failed`}${cost}`;
  const way = `${source ?? '-'}${output === undefined ? '' : ` → ${output}`}`;
  return `${run}  ${localTime(startedAt)}  ${kind.padEnd(7)}  ${status.padEnd(11)}  ${model ?? '-'}  ${way}${counts}\n`;
}
