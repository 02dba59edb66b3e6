/** One process of million.ts. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { languageModel, type ModelEvent } from 'lmdeck';
import { openSource, writeBatch } from 'lmdeck/batch';
import { record } from 'lmdeck/middleware';
import { openTape } from 'lmdeck/tape';
import { CALLS_ROOM, keepHeapSmall } from '../../packages/lmdeck/src/cli/io/small-heap.ts';

// As the command does.
keepHeapSmall(CALLS_ROOM);

const [folder = ''] = process.argv.slice(2);
let asked = 0;
const tell = (what: string): void =>
  void writeSync(1, `${JSON.stringify({ what, asked, rssMb: process.memoryUsage.rss() / 1_048_576 })}\n`);

const answer: readonly ModelEvent[] = [
  { type: 'text-delta', text: 'Paris, on the Seine.' },
  { type: 'usage', usage: { inputTokens: 60, outputTokens: 8 } },
  { type: 'finish', reason: 'stop' },
];
await using tape = openTape(join(folder, 'tape.db'), { mapped: false });
const model = languageModel(
  {
    id: 'in-process',
    capabilities: { samples: true },
    async *generate() {
      asked++;
      if (asked === 1) tell('first request');
      else if (asked === 20_000 || asked % 100_000 === 0) tell('on the way');
      yield answer;
    },
  },
  record(tape),
);
const report = await writeBatch(() => openSource(join(folder, 'in.jsonl')), model, {
  runId: 'million',
  folder: join(folder, 'run'),
  output: join(folder, 'out.jsonl'),
  tape,
  concurrency: 64,
});
tell(`end, ${report.tally.ok} ok, ${report.before} done before`);
