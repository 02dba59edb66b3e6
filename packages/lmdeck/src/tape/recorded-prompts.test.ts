import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assistant, type Message, promptText, system, toolResult, user } from '../core/index.ts';
import { openTape } from './index.ts';
import { MessageStore } from './message-store.ts';
import { KeyIndex } from './key-index.ts';
import { openDatabase } from './open-database.ts';
import { RecordedPrompts } from './recorded-prompts.ts';
import { put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';
import { TextProfiler } from './text-profile.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', 'é', '😀'), maxLength: 12 });
const message: fc.Arbitrary<Message> = fc.oneof(
  text.map(system),
  text.map((each) => user(each)),
  text.map(assistant),
  fc.tuple(text, text).map(([id, output]) => toolResult(id, output)),
  text.map((name): Message => ({
    role: 'assistant',
    parts: [
      { type: 'tool-call', id: 'x', name, arguments: '{}' },
      { type: 'text', text: name },
    ],
  })),
);

test('what is counted is the whole prompt as text, the newest first, each once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(message, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }), async (histories) => {
      const path = join(temporaryFolder(), 'tape.db');
      {
        await using tape = openTape(path);
        for (const [i, history] of histories.entries()) put(tape, history, undefined, { startedAt: 1000 + i });
      }
      const database = openDatabase(path, { readOnly: true });
      const messages = new MessageStore(database, new KeyIndex(database));
      const profiler = new TextProfiler();
      const seen: string[] = [];
      for (const { item, profile } of new RecordedPrompts(database, messages).newestFirst()) {
        const prompt = promptText(messages.history(item.prompt));
        const expected = profiler.units(prompt);
        expect([profile.length, profile.counts]).toEqual([expected.length, expected.counts]);
        seen.push(JSON.stringify(messages.history(item.prompt)));
      }
      database.close();
      const newestFirst = histories.map((history) => JSON.stringify(history)).toReversed();
      expect(seen).toEqual([...new Set(newestFirst)]);
    }),
    { numRuns: 60 },
  );
});
