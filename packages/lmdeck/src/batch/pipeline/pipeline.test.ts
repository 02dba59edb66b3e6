import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { languageModel, LmdeckError, type LanguageModel, type ModelRequest, type Wrapper } from '../../core/index.ts';
import { record } from '../../middleware/index.ts';
import { mock } from '../../models/index.ts';
import { openTape } from '../../tape/index.ts';
import { pipeline } from './pipeline.ts';

const promptOf = ({ messages }: ModelRequest): string =>
  messages.map(({ parts }) => parts.map((part) => ('text' in part ? part.text : '')).join('')).join('|');
/** Says what it was asked. */
const parrot = (): ReturnType<typeof mock> => mock({ id: 'parrot', outputs: [promptOf] });

async function* counted(count: number, pulled: { rows: number }): AsyncIterable<{ readonly n: number }> {
  for (let n = 0; n < count; n++) {
    pulled.rows++;
    yield { n };
  }
}

describe('steps', () => {
  test('ask, fan out, filter, group: rows stay in order and are counted', async () => {
    const model = mock({ outputs: ['1', '2', '3', '4', 'x', '6'] });
    const rows = pipeline([{ id: 'a' }, { id: 'b' }])
      .generate({
        name: 'draw',
        model,
        samples: 3,
        concurrency: 1,
        prompt: ({ id }) => id,
        output: ({ id }, { texts }) => texts.map((text) => ({ id, text })),
      })
      .each(({ id, text }) => (text === '2' ? undefined : { id, number: JSON.parse(text) }), 'parse')
      .group(
        ({ id }) => id,
        (group) => ({ id: group[0]?.id, numbers: group.map(({ number }) => number) }),
      );
    expect(await rows.toArray()).toEqual([
      { id: 'a', numbers: [1, 3] },
      { id: 'b', numbers: [4, 6] },
    ]);
    expect(rows.report().map(({ name, rowsIn, rowsOut, failed }) => [name, rowsIn, rowsOut, failed])).toEqual([
      ['draw', 2, 6, 0],
      ['parse', 6, 4, 1],
      ['group', 4, 2, 0],
    ]);
    expect(rows.report()[1]?.errors).toEqual([{ row: 4, error: expect.objectContaining({ code: 'invalid-response' }) }]);
  });

  test('whatever the answers do, what comes out is what went in, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), async (delays, concurrency) => {
        const model = mock({ outputs: [(request) => ({ text: promptOf(request), delayMs: Number(promptOf(request).split(' ')[1]) })] });
        const rows = pipeline(delays.map((delay, n) => ({ n, delay })))
          .generate({ model, concurrency, prompt: ({ n, delay }) => `${n} ${delay}`, output: (row, { text }) => ({ ...row, said: text }) })
          .generate({ model: parrot(), concurrency, prompt: ({ said }) => said, output: ({ n }, { text }) => ({ n, text }) });
        expect(await rows.toArray()).toEqual(delays.map((delay, n) => ({ n, text: `${n} ${delay}` })));
      }),
      { numRuns: 15 },
    );
  });

  test('read no more rows than they need', async () => {
    const pulled = { rows: 0 };
    const rows = pipeline(counted(10_000, pulled)).generate({
      model: parrot(),
      concurrency: 4,
      prompt: ({ n }) => String(n),
      output: (row) => row,
    });
    for await (const { n } of rows) if (n === 10) break;
    expect(pulled.rows).toBeLessThan(100);
  });

  test('rows that ask the same thing are draws of their own, and of the same ones the next time', async () => {
    const model = parrot();
    const ask = { model, samples: 2, concurrency: 1, prompt: () => 'same', output: (row: object) => row };
    await pipeline([{}, {}, {}]).generate(ask).toArray();
    await pipeline([{}]).generate(ask).toArray();
    expect(model.requests.map(({ sample = 0, samples }) => [sample, samples])).toEqual([
      [0, 2],
      [2, 2],
      [4, 2],
      [0, 2],
    ]);
  });

  test('system prompt, options, schema and model may depend on the row', async () => {
    const [one, two] = [parrot(), parrot()];
    const rows = pipeline([{ which: one }, { which: two }]).generate({
      model: ({ which }) => which,
      system: ({ which }) => (which === one ? 'first' : 'second'),
      options: { temperature: 0 },
      prompt: () => 'go',
      output: (_row, { text, model }) => ({ text, model }),
    });
    expect(await rows.toArray()).toEqual([
      { text: 'first|go', model: 'parrot' },
      { text: 'second|go', model: 'parrot' },
    ]);
    expect(one.requests[0]?.options).toEqual({ temperature: 0 });
  });
});

describe('what fails', () => {
  const failing = (): LanguageModel =>
    mock({
      outputs: [
        (request) => {
          if (promptOf(request) === '1') throw new LmdeckError('invalid-request', 'too long');
          return promptOf(request);
        },
      ],
    });

  test('is counted with its reason and goes no further, unless something is put in its place', async () => {
    const source = [{ n: 0 }, { n: 1 }, { n: 2 }];
    const ask = { model: failing(), prompt: ({ n }: { n: number }) => String(n), output: ({ n }: { n: number }) => ({ n, note: 'ok' }) };
    const rows = pipeline(source).generate(ask);
    expect((await rows.toArray()).map(({ n }) => n)).toEqual([0, 2]);
    expect(rows.report()[0]).toMatchObject({ failed: 1, errors: [{ row: 1, error: { code: 'invalid-request', message: 'too long' } }] });
    const kept = pipeline(source).generate({ ...ask, onError: ({ n }, error) => ({ n, note: error.code }) });
    expect(await kept.toArray()).toEqual([
      { n: 0, note: 'ok' },
      { n: 1, note: 'invalid-request' },
      { n: 2, note: 'ok' },
    ]);
  });

  test('too often ends the run after what was done', async () => {
    const model = mock({ outputs: [new LmdeckError('invalid-request', 'no')].map((error) => () => Promise.reject(error)) });
    const rows = pipeline(counted(100, { rows: 0 })).generate({
      model,
      concurrency: 2,
      maxErrors: 3,
      prompt: () => 'x',
      output: (row) => row,
    });
    await expect(rows.toArray()).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringContaining('4 rows failed') });
  });

  test('an abort ends it', async () => {
    const aborter = new AbortController();
    const rows = pipeline(counted(100, { rows: 0 }), { signal: aborter.signal }).generate({
      model: mock({ outputs: [{ text: 'x', delayMs: 60_000 }] }),
      prompt: () => 'x',
      output: (row) => row,
    });
    const all = rows.toArray();
    setImmediate(() => aborter.abort(new LmdeckError('aborted', 'enough')));
    await expect(all).rejects.toMatchObject({ code: 'aborted' });
  });
});

test('a run goes on where it stopped, step by step, and asks only what is new', async () => {
  await using tape = openTape(':memory:');
  const runId = '01m8kx6dvhwfxnj22pcz3hbp3z';
  let left = 5;
  /** Breaks after some calls, as a process that dies. */
  const mortal: Wrapper = (request, context, next) => {
    if (left-- <= 0) throw new LmdeckError('internal', 'died');
    return next(request, context);
  };
  const [writer, judge] = [
    mock({ id: 'writer', outputs: [promptOf] }),
    mock({ id: 'judge', outputs: [(request) => String(promptOf(request).length)] }),
  ];
  const run = (...wrappers: readonly Wrapper[]) => {
    const [write, grade] = [writer, judge].map((model) => languageModel(model, record(tape), ...wrappers));
    if (write === undefined || grade === undefined) throw new Error('two models');
    return pipeline([{ n: 1 }, { n: 1 }, { n: 22 }, { n: 333 }], { runId, tape })
      .generate({
        name: 'write',
        model: write,
        concurrency: 1,
        maxErrors: 0,
        prompt: ({ n }) => String(n),
        output: (row, { text }) => ({ ...row, text }),
      })
      .generate({
        name: 'judge',
        model: grade,
        concurrency: 1,
        maxErrors: 0,
        prompt: ({ text }) => text,
        output: (row, { text }) => ({ ...row, score: Number(text) }),
      });
  };
  await expect(run(mortal).toArray()).rejects.toThrow('died');
  await tape.flush();
  const asked = writer.requests.length + judge.requests.length;
  expect(asked).toBe(5);

  const again = run();
  const expected = [1, 1, 22, 333].map((n) => ({ n, text: String(n), score: String(n).length }));
  expect(await again.toArray()).toEqual(expected);
  expect(writer.requests.length + judge.requests.length).toBe(8);
  expect(again.report().reduce((sum, { recorded }) => sum + recorded, 0)).toBe(5);
  await tape.flush();

  expect(await run().toArray()).toEqual(expected);
  expect(writer.requests.length + judge.requests.length).toBe(8);
});

test('the report has tokens and cost, and no cost where a price is unknown', async () => {
  const usage = { inputTokens: 10, outputTokens: 5 };
  const priced = { ...mock({ outputs: [{ text: 'x', usage }] }), price: { input: 2, output: 4 } };
  const report = async (model: LanguageModel) => {
    const rows = pipeline([{}, {}]).generate({ model, prompt: () => 'x', output: (row) => row });
    await rows.toArray();
    return rows.report()[0];
  };
  expect(await report(priced)).toMatchObject({ calls: 2, recorded: 0, inputTokens: 20, outputTokens: 10, costMicros: 80 });
  expect((await report(mock({ outputs: [{ text: 'x', usage }] })))?.costMicros).toBeUndefined();
});
