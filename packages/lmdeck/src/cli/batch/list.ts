import type { Command, Invocation } from '../args/command.ts';
import { counted } from '../io/progress.ts';
import { localTime } from '../logs/local-time.ts';
import { withDeck } from '../with-deck.ts';
import { BatchRuns } from './batch-runs.ts';

export const listCommand: Command = {
  name: 'ls',
  summary: 'List runs',
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
    const all = new BatchRuns(deck.paths.home).list();
    const shown = count === 0 ? all : all.slice(0, count);
    if (options.flag('json')) return io.print(`${JSON.stringify(shown, undefined, 2)}\n`);
    if (all.length === 0) return io.note('There are no batch runs yet. Start one: lmdeck batch run examples/rows.jsonl -m tiny');
    for (const { run, startedAt, status, settings, tally } of shown) {
      const rows = tally === undefined ? '' : `${counted(tally.rows)} rows${tally.failed === 0 ? '' : `, ${counted(tally.failed)} failed`}`;
      await io.print(
        `${run}  ${localTime(startedAt)}  ${status.padEnd(11)}  ${settings.model ?? '-'}  ${settings.source}${settings.output === undefined ? '' : ` → ${settings.output}`}  ${rows}\n`,
      );
    }
    return undefined;
  });
}
