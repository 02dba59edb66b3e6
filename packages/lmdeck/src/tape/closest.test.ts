import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assistant, type ClosestOptions, createRequest, type Message, promptText, system, user } from '../core/index.ts';
import { openTape } from './index.ts';
import { Similarity } from './similarity.ts';
import { put } from './test-support/calls.ts';

const words = fc
  .array(fc.constantFrom('a', 'pelican', 'walrus', 'is', 'the', 'what', 'where', 'Zürich', '😀'), { minLength: 1, maxLength: 12 })
  .map((each) => each.join(' '));
/** Some begin alike, as conversations do. */
const history: fc.Arbitrary<readonly Message[]> = fc.oneof(
  words.map((each) => [system('Be brief.'), user(each)]),
  fc.tuple(fc.constantFrom('Hi', 'What is the'), words).map(([first, last]) => [user(first), assistant('Yes?'), user(last)]),
  fc.constant([]),
);

test('the closest prompt is the one that a full comparison finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(history, { minLength: 1, maxLength: 12 }),
      history,
      fc.record({
        similarity: fc.constantFrom('levenshtein' as const, 'indel' as const),
        cutoff: fc.constantFrom(0.4, 0.7),
        limit: fc.nat(4),
      }),
      async (recorded, asked, options: ClosestOptions) => {
        await using tape = openTape(':memory:');
        for (const each of recorded) put(tape, each, 'x');
        const text = promptText(asked);
        const similarity = new Similarity(text, options.similarity ?? 'levenshtein');
        // An empty prompt is no message on the tape that could be compared.
        const texts = new Set(recorded.filter((each) => each.length > 0).map(promptText));
        const scores = [...texts].map((each) => similarity.score(each, 0) ?? 0).filter((score) => score >= (options.cutoff ?? 0));
        const { calls, compared, complete } = tape.closest(createRequest({ messages: asked }), options);
        expect(calls.map(({ score }) => score)).toEqual(scores.toSorted((a, b) => b - a).slice(0, options.limit));
        for (const { call, score } of calls) expect(similarity.score(promptText(call.request.messages), 0)).toBe(score);
        expect({ compared, complete }).toEqual({ compared: texts.size, complete: true });
      },
    ),
    { numRuns: 100 },
  );
});

test('of equal prompts the newest call is named, and nothing like it is nothing', async () => {
  await using tape = openTape(':memory:');
  put(tape, 'What is the capital of France?', 'Paris', { startedAt: 1000 });
  const newest = put(tape, 'What is the capital of France?', 'Paris', { startedAt: 2000, model: 'other' });
  const found = tape.closest(createRequest({ messages: [user('What is the capital of France?')] }));
  expect(found.calls.map(({ call, score }) => [call.id, score])).toEqual([[newest, 1]]);
  const nothing = tape.closest(createRequest({ messages: [user('Completely different: 12345 67890 12345 67890 12345')] }));
  expect(nothing).toEqual({ calls: [], compared: 1, complete: true });
});

test('several are given, the best first, of equally good ones the newest', async () => {
  await using tape = openTape(':memory:');
  const far = put(tape, 'What is the capital city of Spain?', 'Madrid', { startedAt: 1000 });
  const [older, newer] = ['Italy?', 'India?'].map((each, i) => put(tape, `What is the capital of ${each}`, 'x', { startedAt: 2000 + i }));
  const request = createRequest({ messages: [user('What is the capital of Egypt?')] });
  expect(tape.closest(request, { limit: 3 }).calls.map(({ call }) => call.id)).toEqual([newer, older, far]);
  expect(tape.closest(request, { limit: 5, cutoff: 0.85 }).calls.map(({ call }) => call.id)).toEqual([newer, older]);
});

test('a large tape is not searched to its end, and the result says so', async () => {
  await using tape = openTape(':memory:');
  put(tape, 'A question of long ago?', 'x', { startedAt: 1 });
  for (let i = 0; i < 20_000; i++) put(tape, `Number ${i}`, 'x', { startedAt: 1000 + i });
  await tape.flush();
  const found = tape.closest(createRequest({ messages: [user('A question of long ago!')] }));
  expect(found).toEqual({ calls: [], compared: 20_000, complete: false });
});
