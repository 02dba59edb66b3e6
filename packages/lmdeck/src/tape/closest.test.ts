import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRequest, promptText, system, user } from '../core/index.ts';
import { openTape } from './index.ts';
import { Levenshtein } from './levenshtein.ts';
import { put } from './test-support/calls.ts';

test('the closest prompt is the one that a full comparison finds', async () => {
  const words = fc.array(fc.constantFrom('a', 'pelican', 'walrus', 'is', 'the', 'what', 'where', 'Zürich', '😀'), {
    minLength: 1,
    maxLength: 12,
  });
  const prompt = words.map((each) => each.join(' '));
  await fc.assert(
    fc.asyncProperty(fc.array(prompt, { minLength: 1, maxLength: 12 }), prompt, async (recorded, asked) => {
      await using tape = openTape(':memory:');
      for (const each of recorded) put(tape, [system('Be brief.'), user(each)], 'x');
      const request = createRequest({ messages: [system('Be brief.'), user(asked)] });
      const text = promptText(request.messages);
      const scores = recorded.map((each) => {
        const other = promptText([system('Be brief.'), user(each)]);
        return 1 - new Levenshtein(text).distance(other) / Math.max(text.length, other.length);
      });
      const best = Math.max(...scores);
      const found = tape.closest(request);
      if (best < 0.5) expect(found).toBeUndefined();
      else expect(found?.score).toBeCloseTo(best, 10);
    }),
    { numRuns: 60 },
  );
});

test('of equal prompts the newest call is named, and nothing like it is nothing', async () => {
  await using tape = openTape(':memory:');
  put(tape, 'What is the capital of France?', 'Paris', { startedAt: 1000 });
  const newest = put(tape, 'What is the capital of France?', 'Paris', { startedAt: 2000, model: 'other' });
  const found = tape.closest(createRequest({ messages: [user('What is the capital of France?')] }));
  expect(found?.call.id).toBe(newest);
  expect(found?.score).toBe(1);
  expect(tape.closest(createRequest({ messages: [user('Completely different: 12345 67890 12345 67890 12345')] }))).toBeUndefined();
});
