/**
 * A process that records calls until it is killed: each streams an answer of known pieces, with checkpoints. Tells its
 * parent what a crash must not lose, before it goes on.
 */
import type { ModelEvent } from '../../core/index.ts';
import { languageModel } from '../../core/index.ts';
import { record } from '../../middleware/record.ts';
import { openTape } from '../index.ts';

const [path = ''] = process.argv.slice(2);
const tape = openTape(path);
const model = languageModel(
  {
    id: 'test/slow',
    capabilities: { streaming: true },
    async *generate(): AsyncGenerator<ModelEvent> {
      for (let i = 0; i < 150; i++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield { type: 'text-delta', text: `piece ${i} ` };
      }
      yield { type: 'finish', reason: 'stop' };
    },
  },
  record(tape),
);

for (let call = 0; ; call++) {
  let pieces = 0;
  const response = model.prompt(`call ${call}`);
  for await (const _piece of response) process.stdout.write(`piece ${call} ${++pieces} ${Date.now()}\n`);
  process.stdout.write(`end ${call} ${Date.now()}\n`);
}
