import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageAssembler, type ModelEvent, user } from '../core/index.ts';
import { answerEvents } from './answer-events.ts';
import { answered, contentEvent } from './test-support/answers.ts';

test('an answer as events makes the same answer, whole and in pieces', () => {
  let inPieces = 0;
  fc.assert(
    fc.property(fc.array(contentEvent, { minLength: 1, maxLength: 12 }), (events) => {
      const answer = answered(events);
      expect(assembled(answerEvents(answer, false))).toEqual(answer.samples);
      const pieces = answerEvents(answer, true);
      expect(assembled(pieces)).toEqual(answer.samples);
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
