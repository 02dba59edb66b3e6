import { expect, test } from 'vitest';
import { languageModel, type LanguageModel } from '../../core/index.ts';
import { record } from '../../middleware/index.ts';
import { mock } from '../../models/index.ts';
import { openTape } from '../../tape/index.ts';
import { evaluate } from '../run/evaluate.ts';
import type { EvaluationSample } from '../run/evaluation-result.ts';
import { defineTask } from './define-task.ts';
import type { EvaluationTask } from './evaluation-task.ts';

const RUN = '01kabcdefghjkmnpqrstvwxyz0';

function judged(judge: LanguageModel, verdicts: Readonly<Record<string, number>> = { yes: 1, no: 0 }): Promise<EvaluationTask> {
  return defineTask({
    name: 'capitals',
    outputType: 'generate_until',
    docs: [{ country: 'France' }, { country: 'Italy' }],
    prompt: (doc) => doc.country,
    target: () => 'a city',
    metrics: [{ name: 'judged', judge, verdicts, prompt: ({ doc, answer }) => `${doc.country}: ${answer}?` }],
  });
}

const answers = (): LanguageModel => languageModel(mock({ outputs: ['Paris'] }));

test.each<[string, Readonly<Record<string, number>>, number]>([
  ['yes', { yes: 1, no: 0 }, 1],
  ['One could say no. But: YES.', { yes: 1, no: 0 }, 1],
  ['yes? No!', { yes: 1, no: 0 }, 0],
  ['yes, nothing is wrong', { yes: 1, no: 0 }, 1],
  ['Verdict: not good', { good: 1, 'not good': 0 }, 0],
  ['7 of 10: 7', { 7: 0.7, 10: 1 }, 0.7],
])('the last verdict counts: %j', async (said, verdicts, value) => {
  const task = await judged(languageModel(mock({ id: 'judge', outputs: [said] })), verdicts);
  const result = await evaluate(answers(), [task], { bootstrapIterations: 0 });
  expect(result.tasks[0]?.metrics).toMatchObject([{ metric: 'judged', value, size: 2 }]);
});

test('without a verdict the document fails, and says what the judge said', async () => {
  const task = await judged(
    languageModel(mock({ id: 'judge', outputs: [({ messages }) => (JSON.stringify(messages).includes('Italy') ? 'Hm.' : 'yes')] })),
  );
  const result = await evaluate(answers(), [task], { bootstrapIterations: 0 });
  expect(result.tasks[0]?.documents).toMatchObject({ answered: 1, failed: 1 });
  expect(result.tasks[0]?.failures).toMatchObject([
    { docId: 1, error: { code: 'invalid-response', message: 'judged: judge gave no verdict (yes, no) in "Hm.".' } },
  ]);
});

test('judgements belong to the run: on the tape with it, named by their documents, and not asked for again', async () => {
  await using tape = openTape(':memory:');
  const judge = mock({ id: 'judge', outputs: ['yes'] });
  const model = mock({ outputs: ['Paris'] });
  const task = await judged(languageModel(judge, record(tape)));
  const run = async (): Promise<readonly EvaluationSample[]> => {
    const samples: EvaluationSample[] = [];
    await evaluate(languageModel(model, record(tape)), [task], {
      runId: RUN,
      tape,
      bootstrapIterations: 0,
      onSample: (sample) => void samples.push(sample),
    });
    await tape.flush();
    return samples;
  };
  const first = await run();
  const calls = tape.calls({ runId: RUN, model: 'judge', order: 'oldest' });
  expect(calls.map((call) => call.metadata)).toEqual([0, 1].map((docId) => ({ task: 'capitals', doc_id: docId, metric: true })));
  expect(first.flatMap(({ filtered }) => [...filtered.values()].flatMap((each) => each.calls))).toEqual(calls.map((call) => call.id));
  const again = await run();
  expect([judge.requests.length, model.requests.length]).toEqual([2, 2]);
  expect(again.map(({ filtered }) => filtered.get('none')?.metrics)).toEqual(first.map(({ filtered }) => filtered.get('none')?.metrics));
});

test('no verdicts are a mistake', async () => {
  await expect(judged(answers(), {})).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('name the verdicts') });
});
