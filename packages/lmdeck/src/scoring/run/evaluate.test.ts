import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  languageModel,
  LmdeckError,
  messageText,
  user,
  type LanguageModel,
  type Model,
  type ModelRequest,
  type Wrapper,
} from '../../core/index.ts';
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

test('a document with nothing to score is one that fails; a text of nothing has no tokens', async () => {
  const docs = [{ text: '' }, { text: 'So.' }];
  const fields = { docs, prompt: () => 'Why?', target: (doc: { readonly text: string }) => doc.text };
  const choice = await defineTask({ ...fields, name: 'said', outputType: 'loglikelihood' });
  const whole = await defineTask({ ...fields, name: 'whole', outputType: 'loglikelihood_rolling' });
  const { tasks: results } = await evaluate(languageModel(mock({ scores: [-2] })), [choice, whole]);
  expect(results[0]?.failures).toMatchObject([{ docId: 0, error: { code: 'invalid-request' } }]);
  expect(results.map(({ documents }) => [documents.answered, documents.failed])).toEqual([
    [1, 1],
    [2, 0],
  ]);
  expect([...(results[1]?.notes ?? [])]).toEqual([['the text has no tokens', 1]]);
});

test('what a metric of a task throws is told with the document', async () => {
  const task = await defineTask({
    name: 'broken',
    outputType: 'generate_until',
    docs: [{ question: 'a' }, { question: 'b' }],
    prompt: (doc) => doc.question,
    target: () => '',
    metrics: [
      {
        name: 'own',
        score: ({ doc }) => {
          if (doc.question === 'b') throw new TypeError('cannot read it');
          return 1;
        },
      },
    ],
  });
  await expect(evaluate(languageModel(mock({ outputs: ['1'] })), [task])).rejects.toThrow(
    expect.objectContaining({ code: 'config', message: 'task broken, document 1: cannot read it' }),
  );
});

test('two tasks of one name are refused: results are kept by name', async () => {
  const [one] = await tasks(1, 0);
  const [other] = await tasks(2, 0);
  const both = [one, other].filter((task) => task !== undefined);
  await expect(evaluate(languageModel(mock({ outputs: ['1'] })), both)).rejects.toThrow('two tasks of the name "said"');
});

test('white space at the end of a prompt is scored with the choice, also by models that take text only', async () => {
  const asked: unknown[] = [];
  const scorer = mock({
    scores: [
      ({ messages: [context], continuation }) => {
        asked.push([context === undefined ? undefined : messageText(context), continuation]);
        return -1;
      },
    ],
  });
  const task = await defineTask({
    name: 'lines',
    outputType: 'loglikelihood',
    docs: [{ question: 'Why?\n ' }],
    prompt: (doc) => doc.question,
    target: () => 'So.',
  });
  await evaluate(languageModel(scorer), [task]);
  expect(asked).toEqual([['Why?', '\n So.']]);
});

describe('the order in which requests go out', () => {
  /** A model that notes what it is asked to score together. */
  function scorer(batch: number): { readonly model: LanguageModel; readonly batches: (readonly string[])[] } {
    const batches: (readonly string[])[] = [];
    const model: Model = {
      id: 'scorer',
      capabilities: { score: { contexts: ['text'], batch } },
      async *generate() {
        yield { type: 'text-delta', text: '' };
      },
      scoreBatch: async (requests) => {
        batches.push(requests.map(({ messages, continuation }) => messageText(messages[0] ?? user('')) + String(continuation)));
        return requests.map(({ continuation }) => ({
          tokens: [{ token: String(continuation), logprob: -String(continuation).length, isGreedy: false }],
        }));
      },
    };
    return { model: languageModel(model), batches };
  }

  const questions = (rows: readonly { readonly question: string; readonly choices: readonly string[] }[]): Promise<EvaluationTask> =>
    defineTask({
      name: 'choices',
      outputType: 'multiple_choice',
      docs: rows,
      prompt: (doc) => doc.question,
      choices: (doc) => doc.choices,
      target: () => 0,
    });

  test('longest first, choices of a question together, each question once; results in the order of the documents', async () => {
    const { model, batches } = scorer(3);
    const rows = [
      { question: 'aa', choices: ['x', 'yyyy'] },
      { question: 'bbbbbb', choices: ['x', 'yy'] },
      { question: 'aa', choices: ['yyyy', 'z'] },
      { question: 'c', choices: ['x', 'y'] },
    ];
    const samples: EvaluationSample[] = [];
    await evaluate(model, [await questions(rows)], {
      concurrency: 1,
      bootstrapIterations: 0,
      onSample: (sample) => void samples.push(sample),
    });
    expect(batches).toEqual([
      ['bbbbbb yy', 'bbbbbb x'],
      ['aa yyyy', 'aa x', 'aa z'],
      ['c x', 'c y'],
    ]);
    expect(samples.map(({ docId, answers }) => [docId, answers.map(([answer]) => answer?.response)])).toEqual(
      rows.map(({ choices }, i) => [i, choices.map((choice) => ({ logprob: -choice.length - 1, isGreedy: false }))]),
    );
    expect(samples[0]?.answers[1]?.[0]?.calls).toEqual(samples[2]?.answers[0]?.[0]?.calls);
  });

  test('only a window of documents is read ahead', async () => {
    const { model } = scorer(1);
    let read = 0;
    let done = 0;
    let most = 0;
    const base = await questions([]);
    const endless: EvaluationTask = {
      ...base,
      name: 'many',
      outputType: 'multiple_choice',
      numFewshot: 0,
      repeats: 1,
      filters: [{ name: 'none', filter: [{ function: 'take_first' }] }],
      config: {},
      metrics: new Map(),
      size: async () => 5000,
      async *items() {
        for (let docId = 0; docId < 5000; docId++) {
          read++;
          yield { docId, doc: {}, target: 0, requests: [{ type: 'loglikelihood', context: `q${docId}`, continuation: 'x' }] };
        }
      },
      score: async () => ({ values: { acc: 1 }, warnings: [] }),
    };
    const onSample = (): void => {
      done++;
      most = Math.max(most, read - done);
    };
    const result = await evaluate(model, [endless], { bootstrapIterations: 0, onSample });
    expect(result.tasks[0]?.documents.answered).toBe(5000);
    expect(most).toBeLessThanOrEqual(1024);
  });

  test('what concerns all ends the run: nothing more goes out', async () => {
    let sent = 0;
    const model = languageModel(mock({ outputs: ['1'] }), () => {
      sent++;
      throw new LmdeckError('authentication', 'the key is wrong');
    });
    await expect(evaluate(model, await tasks(300, 0), { concurrency: 4 })).rejects.toThrow('the key is wrong');
    expect(sent).toBeLessThanOrEqual(8);
  });
});

describe('chat labels', () => {
  const rows = [{ question: 'Which one? A) Rome B) Paris', labels: ['A', 'B'], right: 1 }];
  const labelled = (docs: readonly { readonly question: string; readonly labels: readonly string[]; readonly right: number }[] = rows) =>
    defineTask({
      name: 'labels',
      outputType: 'multiple_choice',
      docs,
      prompt: (doc) => doc.question,
      choices: (doc) => doc.labels,
      target: (doc) => doc.right,
    });
  const answering = (top: Readonly<Record<string, number>> | undefined, asked: ModelRequest[] = []): LanguageModel => {
    const { scoreBatch: _none, ...chat } = mock({
      outputs: [
        (request) => {
          asked.push(request);
          const list = Object.entries(top ?? {}).map(([token, logprob]) => ({ token, logprob }));
          const [first] = list;
          return first === undefined ? 'A' : { text: first.token, logprobs: [{ ...first, top: list }] };
        },
      ],
    });
    return languageModel({ ...chat, capabilities: { logprobs: true } });
  };
  const options: EvaluateOptions = { chatLabels: 20, prompt: { asChat: true }, bootstrapIterations: 0 };

  test('one call scores all choices of a question, and the results say how', async () => {
    const asked: ModelRequest[] = [];
    const samples: EvaluationSample[] = [];
    const result = await evaluate(answering({ B: -0.5, A: -2, ' A': -2 }, asked), [await labelled()], {
      ...options,
      onSample: (sample) => void samples.push(sample),
    });
    expect(asked.map((request) => request.options)).toEqual([{ seed: 1234, maxTokens: 1, temperature: 0, topLogprobs: 20 }]);
    const [a, b] = samples[0]?.answers.map(([answer]) => answer?.response) ?? [];
    expect(a).toEqual({ logprob: expect.closeTo(-2 + Math.log(2), 12), isGreedy: false });
    expect(b).toEqual({ logprob: -0.5, isGreedy: true });
    expect(result.tasks[0]?.metrics[0]).toMatchObject({ metric: 'acc', value: 1 });
    expect([...(result.tasks[0]?.notes ?? [])]).toEqual([[expect.stringContaining('scored by its label'), 2]]);
  });

  test.each<[string, LanguageModel, Parameters<typeof labelled>[0], EvaluateOptions, string]>([
    ['not asked for by name', answering({ A: -1 }), rows, { prompt: { asChat: true } }, '--chat_labels'],
    ['no chat', answering({ A: -1 }), rows, { chatLabels: 20 }, '--apply_chat_template'],
    ['no alternatives', answering(undefined), rows, options, 'gives no alternatives of the first token'],
    [
      'labels that begin alike',
      answering({ 1: -1 }),
      [{ question: '?', labels: ['1', '10'], right: 0 }],
      options,
      '"1" and "10" cannot be told apart by the first token',
    ],
    ['equal labels', answering({ A: -1 }), [{ question: '?', labels: ['A', ' A'], right: 0 }], options, 'cannot be told apart'],
    [
      'several tokens',
      answering({ Par: -1, Rome: -2 }),
      [{ question: '?', labels: ['Paris', 'Rome'], right: 0 }],
      { ...options, maxFailures: 0 },
      'the label "Paris" is no single token (the answer can begin with "Par")',
    ],
    ['unlikely', answering({ A: -1, C: -3 }), rows, { ...options, maxFailures: 0 }, 'the label "B" is not among the 2 likeliest'],
  ])('refused: %s', async (_, model, docs, given, message) => {
    await expect(evaluate(model, [await labelled(docs)], given)).rejects.toThrow(message);
  });
});
