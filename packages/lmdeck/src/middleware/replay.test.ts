import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ChunkEncoder,
  languageModel,
  LmdeckError,
  MessageAssembler,
  type Model,
  type ModelEvent,
  type StoredCall,
  user,
} from '../core/index.ts';
import { openTape, type Tape } from '../tape/index.ts';
import { answerEvents } from './answer-events.ts';
import { record } from './record.ts';
import { replay } from './replay.ts';
import { textDiff } from './text-diff.ts';

function saying(...texts: string[]): Model {
  return {
    id: 'saying',
    capabilities: { streaming: true },
    async *generate() {
      for (const text of texts) yield { type: 'text-delta', text };
      yield { type: 'finish', reason: 'length' };
    },
  };
}

const silent: Model = {
  ...saying(),
  generate: () => {
    throw new Error('the model was asked');
  },
};

async function recorded(tape: Tape, prompt: string, ...texts: string[]): Promise<void> {
  for await (const _text of languageModel(saying(...texts), record(tape)).prompt(prompt));
}

async function miss(tape: Tape, work: Promise<unknown>): Promise<LmdeckError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(LmdeckError.isInstance(error)).toBe(true);
  return LmdeckError.from(error);
}

test('what was recorded is given again, in the pieces in which it came, without the model', async () => {
  await using tape = openTape(':memory:');
  await recorded(tape, 'Hi', 'Hel', 'lo, ', 'you');
  const model = languageModel(silent, replay(tape));
  const pieces = [];
  for await (const text of model.prompt('Hi')) pieces.push(text);
  expect(pieces).toEqual(['Hel', 'lo, ', 'you']);
  const response = model.prompt('Hi');
  expect(await response.text()).toBe('Hello, you');
  expect(await response.finish()).toEqual({ reason: 'length' });
});

test('of several recordings the last counts, or the first', async () => {
  await using tape = openTape(':memory:');
  await recorded(tape, 'Hi', 'one');
  await recorded(tape, 'Hi', 'two');
  expect(await languageModel(silent, replay(tape)).prompt('Hi').text()).toBe('two');
  expect(
    await languageModel(silent, replay(tape, { order: 'first' }))
      .prompt('Hi')
      .text(),
  ).toBe('one');
});

test('a miss shows the closest prompt and the difference, and says how to record', async () => {
  await using tape = openTape(':memory:');
  await recorded(tape, 'What is the capital of France?\nAnswer in one word.', 'Paris');
  const [call] = tape.calls();
  const error = await miss(tape, languageModel(silent, replay(tape)).prompt('What is the capital of Spain?\nAnswer in one word.').text());
  expect(error.code).toBe('replay-miss');
  expect(error.message).toBe(
    [
      'Nothing is recorded for this request to saying.',
      `Closest recorded prompt: call ${call?.id} (similarity 0.911).`,
      'From that prompt to this one ([-recorded-] {+asked+}):',
      '  user: What is the capital of [-France?-]{+Spain?+}',
      '  Answer in one word.',
      "Record it: run once with replay(tape, { onMiss: 'record' }), or with record(tape) in place of replay(tape).",
    ].join('\n'),
  );
  expect(error.data).toMatchObject({ closestCallId: call?.id, requestKey: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('a miss whose text was recorded shows which settings differ', async () => {
  await using tape = openTape(':memory:');
  await recorded(tape, 'Hi', 'Hello');
  const error = await miss(
    tape,
    languageModel({ ...silent, id: 'other' }, replay(tape))
      .prompt('Hi', { options: { temperature: 1 } })
      .text(),
  );
  expect(error.message).toContain('The text of the prompts is the same.');
  expect(error.message).toContain('  model: "saying" → "other"\n  option temperature: not set → 1');
});

test('a miss on an empty tape says that there is nothing', async () => {
  await using tape = openTape(':memory:');
  const error = await miss(tape, languageModel(silent, replay(tape)).prompt('Hi').text());
  expect(error.message).toContain('No recorded prompt is at all like it.');
});

test('a failed call is not replayed, and the miss says so', async () => {
  await using tape = openTape(':memory:');
  const failing: Model = {
    ...silent,
    generate: () => {
      throw new LmdeckError('server', 'down');
    },
  };
  await expect(languageModel(failing, record(tape)).prompt('Hi').text()).rejects.toThrow('down');
  const error = await miss(tape, languageModel(silent, replay(tape)).prompt('Hi').text());
  expect(error.message).toContain('That call ended with status error');
});

test('onMiss: record asks once and replays after', async () => {
  await using tape = openTape(':memory:');
  const wrapper = replay(tape, { onMiss: 'record' });
  expect(await languageModel(saying('new'), wrapper).prompt('Hi').text()).toBe('new');
  expect(await languageModel(silent, wrapper).prompt('Hi').text()).toBe('new');
  expect(tape.count()).toBe(1);
});

const piece = fc.string({ unit: 'grapheme', maxLength: 6 });
const sample = fc.constantFrom(0, 0, 0, 1);
const event: fc.Arbitrary<ModelEvent> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), text: piece, sample }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('reasoning-delta' as const), text: piece, sample }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('refusal-delta' as const), text: piece, sample }, { noNullPrototype: true }),
  fc.record(
    {
      type: fc.constant('reasoning-delta' as const),
      text: fc.constant(''),
      sample,
      redacted: fc.constant(true),
      providerMetadata: fc.constant({ a: { data: 'x' } }),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('text-delta' as const), text: piece, sample, providerMetadata: fc.constant({ a: { b: 1 } }) },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constant('tool-call-start' as const), index: fc.nat(2), id: piece, name: piece, sample }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('tool-call-delta' as const), index: fc.nat(2), arguments: piece, sample }, { noNullPrototype: true }),
  fc.record(
    {
      type: fc.constant('logprobs' as const),
      tokens: fc.array(fc.record({ token: piece, logprob: fc.integer({ max: 0 }) }, { noNullPrototype: true }), { maxLength: 2 }),
      sample,
    },
    { noNullPrototype: true },
  ),
);

test('an answer as events makes the same answer, whole and in pieces', () => {
  let inPieces = 0;
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (events) => {
      // A sample of which nothing came is known by its end.
      const samples = assembled([...events, { type: 'finish', reason: 'stop' }, { type: 'finish', reason: 'stop', sample: 1 }]);
      const chunks = new ChunkEncoder();
      for (const each of events) {
        const index = 'index' in each ? each.index : 0;
        const at = 'sample' in each ? (each.sample ?? 0) : 0;
        if (each.type === 'text-delta') chunks.push('text', at, 0, each.text.length, 0);
        if (each.type === 'reasoning-delta') chunks.push('reasoning', at, 0, each.text.length, 0);
        if (each.type === 'refusal-delta') chunks.push('refusal', at, 0, each.text.length, 0);
        if (each.type === 'tool-call-start') chunks.push(each.type, at, index, 0, 0);
        if (each.type === 'tool-call-delta') chunks.push(each.type, at, index, each.arguments.length, 0);
        if (each.type === 'logprobs') chunks.push(each.type, at, 0, each.tokens.length, 0);
      }
      const answer: Pick<StoredCall, 'samples' | 'chunks'> = { samples, chunks: chunks.toString() };
      expect(assembled(answerEvents(answer, false))).toEqual(samples);
      const pieces = answerEvents(answer, true);
      expect(assembled(pieces)).toEqual(samples);
      if (pieces.length > answerEvents(answer, false).length) inPieces++;
    }),
    { numRuns: 300 },
  );
  expect(inPieces).toBeGreaterThan(30);
});

function assembled(events: readonly ModelEvent[]): ReturnType<MessageAssembler['samples']> {
  const assembler = new MessageAssembler();
  for (const each of events) assembler.push(each);
  return assembler.samples();
}

test('pieces that do not belong to the answer are passed over', () => {
  const samples = [{ message: { ...user('Hello'), role: 'assistant' as const } }];
  for (const chunks of ['t2', 't9', 'c0a3', 's4t5', 'rubbish'])
    expect(answerEvents({ samples, chunks }, true), chunks).toEqual([{ type: 'text-delta', text: 'Hello' }]);
  expect(answerEvents({ samples, chunks: 't2t3' }, true)).toEqual([
    { type: 'text-delta', text: 'He' },
    { type: 'text-delta', text: 'llo' },
  ]);
});

test('a difference shows what changed and a little around it', () => {
  expect(textDiff('a b c', 'a b c')).toBe('a b c');
  expect(textDiff('one two three', 'one 2 three four')).toBe('one [-two-]{+2+} three{+ four+}');
  const long = 'word '.repeat(1000);
  expect(textDiff(`${long}old${long}`, `${long}new${long}`).length).toBeLessThan(300);
  expect(textDiff(long, long.toUpperCase()).length).toBeLessThan(1400);
  const everyOther = (word: string): string => Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? 'same' : `${word}${i}`)).join(' ');
  expect(textDiff(everyOther('a'), everyOther('b'))).toContain('(more differs)');
});
