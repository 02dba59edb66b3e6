import fc from 'fast-check';
import { expect, test } from 'vitest';
import { languageModel, LmdeckError, type LanguageModel, type Wrapper } from '../../core/index.ts';
import { record } from '../../middleware/index.ts';
import { mock } from '../../models/index.ts';
import { openTape, type Tape } from '../../tape/index.ts';
import { defineTask } from '../tasks/define-task.ts';
import type { EvaluationTask } from '../tasks/evaluation-task.ts';
import { evaluate, type EvaluateOptions } from './evaluate.ts';
import type { EvaluationSample } from './evaluation-result.ts';

const RUN = '01kabcdefghjkmnpqrstvwxyz0';

/** Every prompt that reaches the model; stops the run when as many have been sent as it may. */
class Sent {
  readonly prompts: string[] = [];
  readonly #stop = new AbortController();
  readonly #most: number;

  constructor(most = Infinity) {
    this.#most = most;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  count(prompt: string): void {
    this.prompts.push(prompt);
    if (this.prompts.length >= this.#most) this.#stop.abort();
  }
}

/** A model that says how long the prompt is, its calls on the tape. */
function model(tape: Tape, sent: Sent): LanguageModel {
  const counted: Wrapper = (request, context, next) => {
    sent.count(JSON.stringify(request));
    return next(request, context);
  };
  return languageModel(
    mock({ outputs: [({ messages }) => String(JSON.stringify(messages).length % 3)], scores: [-0.5, -1.5, -0.25, -3] }),
    record(tape),
    counted,
  );
}

async function tasks(docs: number, temperature: number): Promise<readonly EvaluationTask[]> {
  const rows = Array.from({ length: docs }, (_, i) => ({ question: `${'q'.repeat(i % 7)}${i}?`, answer: String(i % 3) }));
  return [
    await defineTask({
      name: 'said',
      outputType: 'generate_until',
      docs: rows,
      prompt: (doc) => doc.question,
      target: (doc) => doc.answer,
      generation: { until: ['\n'], temperature, do_sample: temperature > 0 },
      repeats: temperature > 0 ? 2 : 1,
      filters: [{ name: 'first', filter: [{ function: 'take_first' }] }],
    }),
  ];
}

async function run(tape: Tape, sent: Sent, all: readonly EvaluationTask[], options: EvaluateOptions = {}) {
  const samples: EvaluationSample[] = [];
  const result = await evaluate(model(tape, sent), all, {
    runId: RUN,
    tape,
    signal: sent.signal,
    bootstrapIterations: 100,
    onSample: (sample) => void samples.push(sample),
    ...options,
  });
  await tape.flush();
  return {
    numbers: result.tasks.map(({ metrics, documents }) => ({ metrics, documents })),
    said: samples.map(({ answers }) => answers.map((list) => list.map((each) => each.response))),
  };
}

test('a run that is stopped anywhere and goes on ends as one that was not, and nothing answered is asked again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(0, 0.7),
      async (docs, stopAfter, concurrency, temperature) => {
        const all = await tasks(docs, temperature);
        await using whole = openTape(':memory:');
        const once = await run(whole, new Sent(), all);
        await using tape = openTape(':memory:');
        const first = new Sent(stopAfter);
        const stopped = await run(tape, first, all, { concurrency }).then(
          () => false,
          (error: unknown) => LmdeckError.isInstance(error) && error.code === 'aborted',
        );
        await tape.flush();
        const answered = new Set(tape.calls({ status: 'ok' }).map((call) => call.requestKey));
        const second = new Sent();
        const again = await run(tape, second, all, { concurrency });
        expect(again).toEqual(once);
        const ok = tape.calls({ status: 'ok' });
        expect(new Set(ok.map((call) => call.requestKey)).size).toBe(ok.length);
        expect(second.prompts.length).toBe(ok.length - answered.size);
        // A run that ended leaves nothing to ask.
        if (!stopped && first.prompts.length < stopAfter) expect(second.prompts).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
});

test('a document that fails has no part in the numbers; more than may fail stop the run', async () => {
  const failing: Wrapper = async function* failing(request, context, next) {
    if (JSON.stringify(request.messages).includes('4?')) throw new LmdeckError('server', 'the server fell over');
    yield* next(request, context);
  };
  const all = await tasks(50, 0);
  const broken = languageModel(mock({ outputs: ['1'] }), failing);
  const result = await evaluate(broken, all, { bootstrapIterations: 100 });
  expect(result.tasks[0]?.documents).toEqual({ all: 50, asked: 50, answered: 45, failed: 5 });
  expect(result.tasks[0]?.failures.map(({ docId, error }) => [docId, error.code])).toEqual(
    [4, 14, 24, 34, 44].map((docId) => [docId, 'server']),
  );
  expect(result.tasks[0]?.metrics[0]?.size).toBe(45);
  await expect(evaluate(broken, all, { maxFailures: 4 })).rejects.toThrow(
    /document \d*4: the server fell over \(5 documents failed; at most 4 may/,
  );
});

test('limits, shares and chosen documents', async () => {
  const all = await tasks(10, 0);
  const asked = async (options: EvaluateOptions): Promise<readonly number[]> => {
    const ids: number[] = [];
    await evaluate(languageModel(mock({ outputs: ['1'] })), all, {
      bootstrapIterations: 0,
      onSample: (sample) => void ids.push(sample.docId),
      ...options,
    });
    return ids;
  };
  expect(await asked({ limit: 3 })).toEqual([0, 1, 2]);
  expect(await asked({ limit: 0.15 })).toEqual([0, 1]);
  expect(await asked({ samples: { said: [7, 2] } })).toEqual([2, 7]);
  await expect(asked({ samples: { said: [10] } })).rejects.toThrow('task said has no document 10: it has 10, from 0.');
});
