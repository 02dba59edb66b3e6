import { expect, test } from 'vitest';
import { languageModel } from '../core/index.ts';
import { record } from '../middleware/index.ts';
import { mock } from '../models/index.ts';
import { openTape } from '../tape/index.ts';
import { recordUnlogged } from './record-unlogged.ts';

test('the wrapper records the call, those further in do not', async () => {
  await using recordings = openTape(':memory:');
  await using log = openTape(':memory:');
  const source = mock({ outputs: ['ok'] });
  const model = languageModel(source, recordUnlogged(record(recordings)), record(log));
  await model.prompt('one', { log: false }).text();
  await model.prompt('two').text();
  expect([recordings.count(), log.count()]).toEqual([2, 1]);
  expect(source.calls.map((context) => context.log)).toEqual([false, undefined]);
});
