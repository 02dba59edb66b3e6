import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { messageText, type StoredCall } from '../../core/index.ts';
import { openTape } from '../../tape/index.ts';
import { importCalls } from '../import-calls.ts';
import { temporaryFolder } from '../test-support/temporary-folder.ts';

const NAME = 'llm_cache_meta-llama__Llama-3_0123456789abcdef0123456789abcdef.123.456.jsonl';
const key = (digit: string): string => digit.repeat(32);
const line = (digit: string, event: object): string =>
  `${JSON.stringify([key(digit), { chunk: null, output: null, llm_call: null, ...event }])}\n`;
const output = (content: string): object => ({ output: { content, role: 'assistant', tool_calls: null, function_call: null } });
const text = (call: StoredCall | undefined): string => messageText(call?.samples[0]?.message ?? { role: 'assistant', parts: [] });

test('lines of a cache become calls: the model is in the name, pieces are kept, a cut answer is aborted', async () => {
  const path = join(temporaryFolder(), NAME);
  writeFileSync(
    path,
    line('a', output('whole')) +
      line('b', { chunk: 'two ' }) +
      line('b', { chunk: 'pieces' }) +
      line('b', output('two pieces')) +
      '{"no": "pair"}\n' +
      line('a', output('another')) +
      line('a', output('whole')) +
      line('c', { chunk: 'cut o' }),
  );
  await using tape = openTape(':memory:');
  const report = await importCalls(tape, path);
  expect(report).toMatchObject({ format: 'tapeagents-cache', calls: 4, skipped: 1, failedCount: 1 });
  expect(report.failed).toEqual([{ where: 'line 5', reason: 'it is no pair of a key and an event' }]);
  const calls = tape.calls({ order: 'oldest' });
  expect(calls.map((call) => [call.model, text(call), call.status, call.chunks, call.metadata])).toEqual([
    ['meta-llama/Llama-3', 'whole', 'ok', undefined, { tapeagents: { cacheKey: key('a') } }],
    ['meta-llama/Llama-3', 'two pieces', 'ok', 't4t6', { tapeagents: { cacheKey: key('b') } }],
    ['meta-llama/Llama-3', 'another', 'ok', undefined, { tapeagents: { cacheKey: key('a') } }],
    ['meta-llama/Llama-3', 'cut o', 'aborted', 't5', { tapeagents: { cacheKey: key('c') } }],
  ]);
  expect([...tape.verify()]).toEqual([]);

  // A cache grows, and with it its time: what was imported is known all the same.
  appendFileSync(path, line('d', output('new')));
  expect(await importCalls(tape, path)).toMatchObject({ calls: 1, skipped: 5 });
});

test('an event that names its whole call is that call', async () => {
  const path = join(temporaryFolder(), 'llm_cache_x.jsonl');
  const call = {
    timestamp: '2025-01-02T03:04:05.000006',
    prompt: { id: 'p1', tools: null, messages: [{ role: 'user', content: 'Hello' }], token_ids: [], response_format: null },
    output: { content: 'Hi', role: 'assistant', tool_calls: null, function_call: null },
    prompt_length_tokens: 5,
    output_length_tokens: -1,
    cached: false,
    llm_info: { model_name: 'gpt-4o', parameters: { temperature: 0 } },
    cost: 0.5,
  };
  writeFileSync(path, line('e', { output: call.output, llm_call: call }));
  await using tape = openTape(':memory:');
  expect(await importCalls(tape, path)).toMatchObject({ calls: 1, inputTokens: 5, outputTokens: 0, costUsd: 0.5 });
  expect(tape.calls()[0]).toMatchObject({
    model: 'gpt-4o',
    startedAt: Date.UTC(2025, 0, 2, 3, 4, 5),
    request: { options: { temperature: 0 } },
    metadata: { tapeagents: { promptId: 'p1', cacheKey: key('e') } },
  });
});
