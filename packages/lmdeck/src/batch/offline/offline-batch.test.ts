import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRequest, requestKey, user } from '../../core/index.ts';
import { batchServer } from '../test-support/batch-server.ts';
import type { OfflineEvent } from './offline-options.ts';
import { batchStatus, batchRuns, cancelBatch, continueBatch, fetchBatch, runOffline, submitBatch, waitForBatch } from './offline-batch.ts';
import { retryBatch } from './retry-batch.ts';
import { batchModel, batchWorld, PROTOCOLS, rowOf, rowsOf, said, texts } from './test-support/batch-world.ts';

const PRICE = { input: 2, output: 8 };

describe.each(PROTOCOLS)('jobs of %s', (protocol) => {
  test('answers come out in the order of the rows, with usage and half the cost, as calls of the run', async () => {
    await using server = await batchServer(protocol, { looks: 2 });
    await using world = batchWorld();
    const model = batchModel(protocol, server.url, { price: PRICE });
    const submitted = await submitBatch(rowsOf(texts(5), { options: { temperature: 0 } }), model, world.options);
    expect(submitted).toMatchObject({ state: 'running', rows: 5, jobs: [{ part: 1, rows: 5, state: 'waiting', fetched: false }] });
    expect(await waitForBatch(submitted.run, model, world.options)).toMatchObject({ state: 'finished', ok: 5, failed: 0, missing: 0 });
    const outcomes = await world.outcomes(submitted.run);
    expect(said(outcomes)).toEqual(texts(5).map((text) => `Re: ${text}`));
    // (10 · 2 + 5 · 8) / 2
    expect(outcomes[0]).toMatchObject({ index: 0, input: { prompt: 'question 0' }, attempts: 1, costMicros: 30 });
    expect(outcomes[0]?.usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
    const [job] = (await batchStatus(submitted.run, world.options)).jobs;
    const calls = world.tape.calls({ runId: submitted.run, order: 'oldest' });
    expect(calls).toHaveLength(5);
    const asked = createRequest({ messages: [user('question 3')], options: { temperature: 0 } });
    const call = calls.find((each) => each.metadata?.['row'] === 3);
    expect(call).toMatchObject({ status: 'ok', model: model.id, requestKey: requestKey(model, asked), metadata: { batchJob: job?.id } });
    expect(world.tape.find(requestKey(model, asked))?.id).toBe(call?.id);
    expect([...world.tape.verify()]).toEqual([]);
    expect([...server.store.paid.values()]).toEqual([1, 1, 1, 1, 1]);
  });

  test('rows of every fate: answered, refused, lost, overloaded, expired; only what is missing is asked again', async () => {
    await using server = await batchServer(protocol, {
      ending: ({ number }) => (number === 1 ? 'expired' : 'completed'),
      row: ({ text }, { number }) => {
        if (text === 'question 1') return 'refused';
        if (number > 1) return 'ok';
        return text === 'question 2' ? 'missing' : text === 'question 3' ? 'overloaded' : text === 'question 4' ? 'expired' : 'ok';
      },
    });
    await using world = batchWorld();
    const model = batchModel(protocol, server.url);
    const { run } = await submitBatch(rowsOf(texts(6)), model, world.options);
    const status = await waitForBatch(run, model, world.options);
    expect(status).toMatchObject({ state: 'finished', ok: 5, failed: 1, missing: 0, jobs: [{ rows: 6 }, { rows: 3, attempt: 2 }] });
    const outcomes = await world.outcomes(run);
    expect(said(outcomes)).toEqual(['Re: question 0', 'invalid-request', ...[2, 3, 4, 5].map((i) => `Re: question ${i}`)]);
    expect(outcomes.map((each) => each.attempts)).toEqual([1, 1, 2, 2, 2, 1]);
    expect(server.store.jobs[1]?.rows.map((row) => row.text)).toEqual(['question 2', 'question 3', 'question 4']);
    expect(Object.fromEntries(server.store.paid)).toEqual(Object.fromEntries(texts(6).map((text) => [text, 1])));
  });

  test('an answer that was lost on the way is found again, and the job is not made twice', async () => {
    await using server = await batchServer(protocol, { create: (number) => (number === 1 ? 'lost' : undefined) });
    await using world = batchWorld();
    const model = batchModel(protocol, server.url);
    const started = submitBatch(rowsOf(texts(3)), model, world.options);
    // Anthropic tells only when the job has ended whose it is.
    if (protocol === 'anthropic') await expect(started).rejects.toMatchObject({ code: 'conflict' });
    else await started;
    const run = batchRuns(world.options.folder)[0]?.run ?? '';
    if (protocol === 'anthropic') {
      expect((await batchStatus(run, world.options)).jobs).toMatchObject([{ state: 'uncertain' }]);
      for (const job of server.store.jobs) server.store.end(job, 'completed');
    }
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', ok: 3 });
    expect(server.store.jobs).toHaveLength(1);
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'submitted', adopted: true }));
  });

  test('a request that did not arrive is made again', async () => {
    await using server = await batchServer(protocol, { create: (number) => (number === 1 ? 'cut' : number === 2 ? 503 : undefined) });
    await using world = batchWorld();
    const model = batchModel(protocol, server.url);
    const { run } = await submitBatch(rowsOf(texts(2)), model, world.options);
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', ok: 2 });
    expect(server.store.jobs).toHaveLength(1);
  });

  test('downloads that break off are read again and nothing is recorded twice', async () => {
    await using server = await batchServer(protocol, { cutDownload: (number) => number <= 2 });
    await using world = batchWorld();
    const model = batchModel(protocol, server.url, protocol === 'gemini' ? {} : {});
    const { run } = await submitBatch(rowsOf(texts(40)), model, world.options);
    await waitForBatch(run, model, world.options);
    expect(said(await world.outcomes(run))).toEqual(texts(40).map((text) => `Re: ${text}`));
    expect(world.tape.count({ runId: run })).toBe(40);
    // Fetching again changes nothing.
    await fetchBatch(run, model, world.options);
    expect(world.tape.count({ runId: run })).toBe(40);
  });

  test('rows become as many jobs as the limits demand, and are aligned all the same', async () => {
    await using server = await batchServer(protocol);
    await using world = batchWorld();
    const model = batchModel(protocol, server.url);
    const { run, jobs } = await submitBatch(rowsOf(texts(10)), model, { ...world.options, limits: { maxRows: 4 } });
    expect(jobs.map((job) => job.rows)).toEqual([4, 4, 2]);
    await waitForBatch(run, model, world.options);
    expect(said(await world.outcomes(run))).toEqual(texts(10).map((text) => `Re: ${text}`));
  });

  test('samples: one request where the model draws several, else one for each', async () => {
    await using server = await batchServer(protocol);
    await using world = batchWorld();
    const model = batchModel(protocol, server.url);
    const { run } = await submitBatch(rowsOf(['a', 'b'], { samples: 2 }), model, world.options);
    await waitForBatch(run, model, world.options);
    const outcomes = await world.outcomes(run);
    expect(outcomes).toHaveLength(2);
    expect(server.store.jobs[0]?.rows).toHaveLength(model.capabilities.samples === true ? 2 : 4);
    if (protocol !== 'gemini') expect(said(outcomes)).toEqual(['Re: a | Re: a', 'Re: b | Re: b']);
    const single = createRequest({ messages: [user('a')], ...(model.capabilities.samples === true ? { samples: 2 } : { sample: 1 }) });
    expect(world.tape.find(requestKey(model, single))).toBeDefined();
  });

  test('cancelling keeps what was done, asks nothing more, and says so', async () => {
    await using server = await batchServer(protocol, {
      looks: 9,
      row: ({ text }, { ending }) => (ending === 'cancelled' && text === 'question 1' ? 'cancelled' : 'ok'),
    });
    await using world = batchWorld();
    const model = batchModel(protocol, server.url);
    const { run } = await submitBatch(rowsOf(texts(3)), model, world.options);
    await cancelBatch(run, model, world.options);
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'cancelled', ok: 2, missing: 1 });
    expect(said(await world.outcomes(run))).toEqual(['Re: question 0', 'cancelled', 'Re: question 2']);
    expect(server.store.jobs).toHaveLength(1);
  });

  test('another key does not see the job, and that is what the error says', async () => {
    await using server = await batchServer(protocol);
    await using world = batchWorld();
    const { run } = await submitBatch(rowsOf(texts(1)), batchModel(protocol, server.url), world.options);
    const other = batchModel(protocol, server.url, { apiKey: 'key-2' });
    await expect(waitForBatch(run, other, world.options)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/another API key \([0-9a-f]{12}\)/),
    });
    await expect(waitForBatch(run, other, world.options)).rejects.not.toThrow(/key-[12]/);
  });
});

describe('a run', () => {
  test('of many megabytes goes to Gemini as a file, and comes back as one', async () => {
    await using server = await batchServer('gemini');
    await using world = batchWorld();
    const model = batchModel('gemini', server.url);
    const long = Array.from({ length: 11 }, (_, i) => `${i}${'x'.repeat(1_000_000)}`);
    const { run } = await submitBatch(rowsOf(long), model, world.options);
    expect(server.store.jobs[0]?.fileId).toBe('files/file-1');
    await waitForBatch(run, model, world.options);
    expect(said(await world.outcomes(run))).toEqual(long.map((text) => `Re: ${text}`));
  });

  test('goes on instead of being paid for again, unless that is asked for', async () => {
    await using server = await batchServer('openai', { looks: 99 });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const first = await submitBatch(rowsOf(texts(3)), model, world.options);
    const second = await submitBatch(rowsOf(texts(3)), model, world.options);
    expect(second.run).toBe(first.run);
    expect(server.store.jobs).toHaveLength(1);
    const changed = await submitBatch(rowsOf(texts(3), { options: { temperature: 1 } }), model, world.options);
    expect(changed.run).not.toBe(first.run);
    const again = await submitBatch(rowsOf(texts(3)), model, { ...world.options, again: true });
    expect(again.run).not.toBe(first.run);
    expect(batchRuns(world.options.folder)).toHaveLength(3);
  });

  test('asks only what no call of it has answered', async () => {
    await using server = await batchServer('openai');
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const first = await submitBatch(rowsOf(['question 1', 'same']), model, { ...world.options, runId: 'before' });
    await waitForBatch(first.run, model, world.options);
    // The same run in another folder, as if it had been asked online: one of two equal rows has an answer.
    const folder = `${world.options.folder}-2`;
    const options = { ...world.options, folder, runId: 'before' };
    const outcomes = [];
    for await (const outcome of runOffline(rowsOf(['question 0', 'question 1', 'same', 'same']), model, options)) outcomes.push(outcome);
    expect(said(outcomes)).toEqual(['Re: question 0', 'Re: question 1', 'Re: same', 'Re: same']);
    expect(outcomes.map((each) => each.attempts)).toEqual([1, 0, 0, 1]);
    expect(server.store.jobs[1]?.rows.map((row) => row.text)).toEqual(['question 0', 'same']);
  });

  test('no rows at all are no later version of those that it had', async () => {
    await using server = await batchServer('openai');
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(1)), model, world.options);
    await waitForBatch(run, model, world.options);
    await expect(submitBatch(rowsOf([]), model, { ...world.options, previous: run })).rejects.toThrow('give it its rows again');
    expect(batchRuns(world.options.folder)).toHaveLength(1);
  });

  test('rows that no job can ask are outcomes in their place', async () => {
    await using server = await batchServer('openai');
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    async function* rows() {
      yield rowOf(0, 'short');
      yield { index: 1, id: '1', place: 'rows.jsonl:2', error: { code: 'usage', message: 'no JSON', retryable: false } } as const;
      yield rowOf(2, 'x'.repeat(5_000));
      yield { ...rowOf(3, 'elsewhere'), model: 'openai/other' };
      yield rowOf(4, 'odd', { options: { nope: 1 } });
      yield rowOf(5, 'last');
    }
    const submitted = await submitBatch(rows(), model, { ...world.options, limits: { maxBytes: 2_000 } });
    expect(submitted).toMatchObject({ rows: 6, refused: 4 });
    await waitForBatch(submitted.run, model, world.options);
    const outcomes = await world.outcomes(submitted.run);
    expect(said(outcomes)).toEqual(['Re: short', 'usage', 'usage', 'usage', 'capability', 'Re: last']);
    expect(outcomes.map((each) => (each.status === 'error' ? each.error.message : ''))).toEqual([
      '',
      'no JSON',
      expect.stringMatching(/^rows\.jsonl:3: the row fits into no job: its request has 5\d+ bytes/),
      expect.stringContaining('a job has one model'),
      expect.stringContaining('nope'),
      '',
    ]);
    await submitBatch(rowsOf(['x'.repeat(5_000)]), model, { ...world.options, limits: { maxBytes: 2_000 } });
    expect(world.events.filter(({ type }) => type === 'prepared')).toMatchObject([{ parts: 1 }, { refused: 1, parts: 0 }]);
  });

  test('a part is handed in when the queue has room for it', async () => {
    await using server = await batchServer('openai', { looks: 2 });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const limits = { maxRows: 2, maxEnqueuedTokens: 25 };
    const { run, jobs } = await submitBatch(rowsOf(texts(6)), model, { ...world.options, limits });
    expect(jobs.map((job) => job.state)).toEqual(['waiting', 'planned', 'planned']);
    expect(server.store.jobs).toHaveLength(1);
    let most = 0;
    const open = (): number => server.store.jobs.filter((job) => job.ending === undefined).length;
    await waitForBatch(run, model, { ...world.options, pause: async () => void (most = Math.max(most, open())) });
    expect(most).toBe(1);
    expect(said(await world.outcomes(run))).toEqual(texts(6).map((text) => `Re: ${text}`));
  });

  test('the queue is that of all runs which ask the model: theirs are counted as long as they go on', async () => {
    await using server = await batchServer('openai', { looks: 99 });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const options = { ...world.options, limits: { maxEnqueuedTokens: 25 } };
    const first = await submitBatch(rowsOf(texts(2)), model, options);
    const second = await submitBatch(rowsOf(['question 8', 'question 9']), model, options);
    expect(second.jobs).toMatchObject([{ state: 'planned' }]);
    // Those of another model, and of another account, are in another queue.
    const [name, other] = [{ ...model, id: 'openai/other' }, batchModel('openai', server.url, { apiKey: 'key-2' })];
    expect((await submitBatch(rowsOf(texts(2)), name, { ...options, again: true })).jobs).toMatchObject([{ state: 'waiting' }]);
    expect((await submitBatch(rowsOf(texts(2)), other, { ...options, again: true })).jobs).toMatchObject([{ state: 'waiting' }]);
    expect((await continueBatch(second.run, model, options)).jobs).toMatchObject([{ state: 'planned' }]);
    // It has ended, and nobody has looked.
    for (const job of server.store.jobs) server.store.end(job, 'completed');
    expect((await batchStatus(first.run, options)).jobs).toMatchObject([{ state: 'waiting' }]);
    expect((await continueBatch(second.run, model, options)).jobs).toMatchObject([{ state: 'waiting' }]);
  });

  test('cancelling ends every job that still goes on; a run that has finished stays as it is', async () => {
    await using server = await batchServer('openai', { looks: 99 });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(3)), model, { ...world.options, limits: { maxRows: 1 } });
    const [first] = server.store.jobs;
    if (first !== undefined) server.store.end(first, 'completed');
    expect((await cancelBatch(run, model, world.options)).jobs.map(({ state }) => state)).toEqual(['completed', 'cancelled', 'cancelled']);
    expect(server.store.jobs.map(({ ending }) => ending)).toEqual(['completed', 'cancelled', 'cancelled']);
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'cancelled', ok: 1, missing: 2 });
    server.store.faults = { row: () => 'refused' };
    const other = await submitBatch(rowsOf(['once more']), model, world.options);
    await waitForBatch(other.run, model, world.options);
    expect(await cancelBatch(other.run, model, world.options)).toMatchObject({ state: 'finished', failed: 1 });
    expect(await retryBatch(other.run, model, world.options)).toMatchObject({ state: 'running' });
  });

  test('a job for which the provider had no room waits for the others and costs no attempt', async () => {
    await using server = await batchServer('openai', {
      ending: ({ number }) => (number === 2 || number === 3 ? 'failed' : 'completed'),
      failure: () => ({ code: 'token_limit_exceeded', message: 'Enqueued token limit reached.' }),
    });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(4)), model, { ...world.options, limits: { maxRows: 2 }, maxAttempts: 1 });
    await waitForBatch(run, model, { ...world.options, maxAttempts: 1 });
    expect(said(await world.outcomes(run))).toEqual(texts(4).map((text) => `Re: ${text}`));
    expect(server.store.jobs).toHaveLength(4);
  });

  test('a job that the provider refuses as a whole is not handed in again: its rows say why', async () => {
    await using server = await batchServer('openai', {
      ending: () => 'failed',
      failure: () => ({ code: 'invalid_request', message: 'duplicate custom_id' }),
    });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(2)), model, world.options);
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', ok: 0, missing: 2 });
    const [outcome] = await world.outcomes(run);
    expect(outcome).toMatchObject({
      status: 'error',
      error: { code: 'invalid-request', message: expect.stringContaining('duplicate custom_id') },
    });
    expect(server.store.jobs).toHaveLength(1);
  });

  test('what is wrong with a file is not handed in again', async () => {
    await using server = await batchServer('openai', {
      ending: () => 'failed',
      failure: () => ({ code: 'invalid_json_line', message: 'This line is not parseable as valid JSON.' }),
    });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(1)), model, world.options);
    await waitForBatch(run, model, world.options);
    expect(said(await world.outcomes(run))).toEqual(['invalid-request']);
    expect(server.store.jobs).toHaveLength(1);
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'fetched', message: expect.stringContaining('not parseable') }));
    // It may be needed to see what was wrong.
    expect([...server.store.files.keys()]).toEqual(['file-1']);
  });

  test('answers that a job tells of are waited for, and not asked and paid again', async () => {
    await using server = await batchServer('openai', { looks: 0, outputFrom: () => 3 });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(2)), model, world.options);
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', ok: 2 });
    server.store.faults = { looks: 0, outputFrom: ({ number }) => (number === 2 ? Infinity : 0) };
    const { run: other } = await submitBatch(rowsOf(['new', 'newer']), model, { ...world.options, limits: { maxRows: 1 } });
    await expect(waitForBatch(other, model, world.options)).rejects.toMatchObject({
      code: 'incomplete-response',
      message: expect.stringContaining('--resubmit'),
    });
    expect(await batchStatus(other, world.options)).toMatchObject({ state: 'running', jobs: [{ fetched: false }, { fetched: true }] });
    expect(server.store.jobs).toHaveLength(3);
    const again = waitForBatch(other, model, { ...world.options, resubmit: true, maxAttempts: 1 });
    expect(await again).toMatchObject({ state: 'finished', missing: 1 });
  });

  test.each(['openai', 'mistral'] as const)(
    'of %s: files are taken off the account when what their jobs brought is on the tape',
    async (kind) => {
      await using server = await batchServer(kind, { create: (number) => (number === 1 ? 400 : undefined) });
      await using world = batchWorld();
      const model = batchModel(kind, server.url);
      // That of a job that was refused belongs to nobody.
      await expect(submitBatch(rowsOf(texts(2)), model, world.options)).rejects.toMatchObject({ status: 400 });
      expect([...server.store.files.keys()]).toEqual([]);
      const { run } = await submitBatch(rowsOf(texts(2)), model, world.options);
      expect([...server.store.files.keys()]).toEqual(['file-2']);
      await waitForBatch(run, model, world.options);
      expect([...server.store.files.keys()]).toEqual([]);
      const { run: kept } = await submitBatch(rowsOf(['kept']), model, world.options);
      await waitForBatch(kept, model, { ...world.options, keepFiles: true });
      expect([...server.store.files.keys()]).toEqual(['file-3']);
      // A server that deletes nothing is asked once and not mentioned; one that fails is.
      for (const [status, events] of [
        [405, 0],
        [403, 1],
      ] as const) {
        server.store.faults = { deletion: () => status };
        const { run: other } = await submitBatch(rowsOf([`status ${status}`]), model, world.options);
        expect(await waitForBatch(other, model, world.options)).toMatchObject({ state: 'finished', ok: 1 });
        expect(world.events.filter(({ type }) => type === 'kept')).toHaveLength(events);
      }
      server.store.faults = { deletion: (number) => (number % 2 === 1 ? 503 : undefined) };
      server.store.deletions = 0;
      const { run: last } = await submitBatch(rowsOf(['busy']), model, world.options);
      await waitForBatch(last, model, world.options);
      expect([...server.store.files.keys()]).toEqual(['file-3', 'file-4', 'file-5']);
    },
  );

  test('a journal that a crash left empty is no run; one that is damaged is told and does not hide the others', async () => {
    await using server = await batchServer('openai');
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { folder } = world.options;
    for (const [name, text] of [
      ['empty', ''],
      ['damaged', '\0\0\n'],
    ] as const) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'journal.jsonl'), text);
    }
    const told: string[] = [];
    const { run } = await submitBatch(rowsOf(texts(1)), model, { ...world.options, again: true });
    expect(batchRuns(folder, ({ message }) => told.push(message)).map((each) => each.run)).toEqual([run]);
    expect(told).toEqual([expect.stringMatching(/damaged.journal\.jsonl, line 1: this is no record/)]);
    expect(() => batchRuns(folder)).toThrow('the file is damaged');
  });

  test('what a process left that died while it read the rows is taken off by the next one; what somebody else keeps is not', async () => {
    await using server = await batchServer('openai');
    await using world = batchWorld();
    const { folder } = world.options;
    const head = { type: 'run', version: 1, run: 'x', model: 'm', provider: 'openai', endpoint: 'e', at: 1 };
    for (const [name, files] of [
      ['left', { 'journal.jsonl': `${JSON.stringify(head)}\n`, 'part-0001.jsonl': '{}\n', process: '2147483646 1' }],
      ['empty', { 'journal.jsonl': '' }],
      ['noted', { 'journal.jsonl': `${JSON.stringify(head)}\n`, 'run.json': '{}' }],
      ['online', { 'run.json': '{}', 'lines.jsonl': '' }],
    ] as const) {
      mkdirSync(join(folder, name), { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
    }
    const { run } = await submitBatch(rowsOf(texts(1)), batchModel('openai', server.url), world.options);
    expect(readdirSync(folder).toSorted()).toEqual([run, 'noted', 'online'].toSorted());
  });

  test('an answer that is not what was asked for fails its row, as it does online, and is drawn anew when that is asked for', async () => {
    await using server = await batchServer('openai');
    await using world = batchWorld();
    const model = batchModel('openai', server.url, { price: PRICE });
    const { run } = await submitBatch(rowsOf(['a'], { schema: { type: 'object' } }), model, world.options);
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', ok: 0, failed: 1 });
    expect(await world.outcomes(run)).toMatchObject([
      { status: 'error', error: { code: 'invalid-response', message: expect.stringContaining('not JSON') }, samples: [{}], costMicros: 30 },
    ]);
    await retryBatch(run, model, world.options);
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', failed: 1 });
    expect(await world.outcomes(run)).toMatchObject([{ status: 'error', attempts: 2, error: { code: 'invalid-response' } }]);
    expect(server.store.jobs).toHaveLength(2);
  });

  test('a job that is larger than the server takes says what to do', async () => {
    await using server = await batchServer('openai', { create: () => 413 });
    await using world = batchWorld();
    const submitted = submitBatch(rowsOf(texts(1)), batchModel('openai', server.url), world.options);
    await expect(submitted).rejects.toThrow(/The job has \d+ bytes.*lmdeck batch cancel \w+.*--max-bytes/);
  });

  test('rows that expire every time end as errors after the last attempt', async () => {
    await using server = await batchServer('anthropic', { row: ({ text }) => (text === 'question 0' ? 'expired' : 'ok') });
    await using world = batchWorld();
    const model = batchModel('anthropic', server.url);
    const { run } = await submitBatch(rowsOf(texts(2)), model, world.options);
    expect(await waitForBatch(run, model, { ...world.options, maxAttempts: 2 })).toMatchObject({ state: 'finished', ok: 1, missing: 1 });
    const [outcome] = await world.outcomes(run);
    expect(outcome).toMatchObject({ status: 'error', attempts: 2, error: { code: 'timeout', retryable: true } });
    expect(server.store.jobs).toHaveLength(2);
  });

  test.each(['openai', 'mistral', 'gemini'] as const)(
    'rows that expire in a job of %s which has completed are asked again, and told as expired in the end',
    async (protocol) => {
      await using server = await batchServer(protocol, {
        row: ({ text }, { number }) =>
          text === 'question 0' || (text === 'question 1' && number === 1) ? 'expired' : text === 'question 2' ? 'missing' : 'ok',
      });
      await using world = batchWorld();
      const model = batchModel(protocol, server.url);
      const { run } = await submitBatch(rowsOf(texts(4)), model, world.options);
      const status = await waitForBatch(run, model, { ...world.options, maxAttempts: 2 });
      expect(status).toMatchObject({
        state: 'finished',
        ok: 2,
        missing: 2,
        expired: 1,
        jobs: [{ state: 'completed' }, { state: 'completed' }],
      });
      expect(world.events.filter(({ type }) => type === 'fetched')).toMatchObject([
        { missing: 3, expired: 2 },
        { missing: 2, expired: 1 },
      ]);
      expect(server.store.jobs[1]?.rows.map((row) => row.text)).toEqual(['question 0', 'question 1', 'question 2']);
      const outcomes = await world.outcomes(run);
      expect(said(outcomes)).toEqual(['timeout', 'Re: question 1', 'incomplete-response', 'Re: question 3']);
      expect(outcomes[0]).toMatchObject({
        attempts: 2,
        error: {
          retryable: true,
          message: expect.stringMatching(/rows\.jsonl:1: the row expired in its job \S+ before its turn came, the last of 2/),
        },
      });
    },
  );

  test.each(PROTOCOLS)(
    'a job that %s does not know any more is an outcome of its own: the others go on, and its rows are asked again only when somebody says so',
    async (protocol) => {
      let isGone = true;
      await using server = await batchServer(protocol, { gone: ({ number }) => (isGone && number === 1 ? 'job' : undefined) });
      await using world = batchWorld();
      const model = batchModel(protocol, server.url);
      const { run } = await submitBatch(rowsOf(texts(4)), model, { ...world.options, limits: { maxRows: 2 } });
      const gone = { state: 'finished', ok: 2, failed: 0, missing: 2, jobs: [{ state: 'gone' }, { state: 'completed' }] };
      expect(await waitForBatch(run, model, world.options)).toMatchObject(gone);
      const event = world.events.find(({ type }) => type === 'gone');
      expect(event).toMatchObject({
        part: 1,
        rows: 2,
        message: expect.stringMatching(/no job \S*batch_1 .*batch wait \w+.* pay twice: .*retry-failed/),
      });
      const outcomes = await world.outcomes(run);
      expect(said(outcomes)).toEqual(['not-found', 'not-found', 'Re: question 2', 'Re: question 3']);
      expect(outcomes[0]).toMatchObject({ error: { message: expect.stringMatching(/^rows\.jsonl:1: .*batch_1/) } });
      // The same again, and rows that the run is asked for as an earlier version of, pay nothing.
      expect(await waitForBatch(run, model, world.options)).toMatchObject(gone);
      expect((await submitBatch(rowsOf(texts(4)), model, world.options)).run).toBe(run);
      await expect(submitBatch(rowsOf(texts(5)), model, { ...world.options, previous: run })).rejects.toThrow(
        /batch_1 is gone.*--resubmit/,
      );
      expect(server.store.jobs).toHaveLength(2);
      // It was out of sight only.
      isGone = false;
      await expect(retryBatch(run, model, world.options)).rejects.toThrow('still open');
      expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', ok: 4, missing: 0 });
      expect(server.store.jobs).toHaveLength(2);
      expect([...server.store.paid.values()]).toEqual([1, 1, 1, 1]);
    },
  );

  test('rows of a job that is gone are handed in again when that is asked for; one whose results are gone keeps what is on the tape', async () => {
    await using server = await batchServer('openai', {
      gone: ({ number }) => (number === 1 ? 'job' : number === 2 ? 'results' : undefined),
    });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(6)), model, { ...world.options, limits: { maxRows: 2 } });
    expect(await waitForBatch(run, model, world.options)).toMatchObject({
      ok: 2,
      missing: 4,
      jobs: [{ state: 'gone' }, { state: 'gone' }, {}],
    });
    expect(world.events.filter(({ type }) => type === 'gone')).toMatchObject([
      {},
      { message: expect.stringContaining('no results of the job') },
    ]);
    await retryBatch(run, model, world.options);
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', ok: 6, missing: 0 });
    expect(said(await world.outcomes(run))).toEqual(texts(6).map((text) => `Re: ${text}`));
    expect(server.store.jobs).toHaveLength(5);
    // Cancelling one that is gone has nothing to do.
    const { run: other } = await submitBatch(rowsOf(['new']), model, world.options);
    server.store.faults = { gone: () => 'job' };
    server.store.jobs.length = 0;
    expect(await cancelBatch(other, model, world.options)).toMatchObject({ jobs: [{ state: 'gone' }] });
  });

  test('looks that fail for a moment are repeated; 429 on making a job too', async () => {
    await using server = await batchServer('openai', {
      look: (number) => (number % 3 === 1 ? 503 : undefined),
      create: (n) => (n < 3 ? 429 : undefined),
    });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(2)), model, world.options);
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', ok: 2 });
    expect(server.store.jobs).toHaveLength(1);
  });

  test('a provider that does not answer for a while is waited for, one that was never there is not', async () => {
    let isDown = false;
    await using server = await batchServer('openai', { looks: 3, look: () => (isDown ? 503 : undefined) });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(2)), model, world.options);
    const told: string[] = [];
    const onEvent = ({ type }: OfflineEvent): void => {
      if (type === 'waiting' && !told.includes('unreachable')) isDown = true;
      if (type === 'unreachable') isDown = false;
      told.push(type);
    };
    expect(await waitForBatch(run, model, { ...world.options, onEvent })).toMatchObject({ state: 'finished', ok: 2 });
    expect(told).toContain('unreachable');
    const { run: other } = await submitBatch(rowsOf(['new']), model, world.options);
    isDown = true;
    const before = server.store.looks;
    await expect(waitForBatch(other, model, world.options)).rejects.toMatchObject({ status: 503 });
    expect(server.store.looks - before).toBeLessThan(10);
  });

  test('a server without metadata is asked for the name of the file, one without a list needs to be told', async () => {
    await using server = await batchServer('openai', { forgets: 'metadata', create: (number) => (number % 2 === 1 ? 'lost' : undefined) });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(2)), model, world.options);
    expect(server.store.jobs).toHaveLength(1);
    await waitForBatch(run, model, world.options);
    // The file of the first one is gone.
    server.store.faults = { forgets: 'metadata', create: (number) => (number === 2 ? 'lost' : undefined) };
    await submitBatch(rowsOf(['lost']), model, world.options);
    expect(server.store.jobs).toHaveLength(2);
    server.store.faults = { ...server.store.faults, forgets: 'list', create: (number) => (number === 3 ? 'lost' : undefined) };
    const other = submitBatch(rowsOf(['new']), model, world.options);
    await expect(other).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('--resubmit') });
    const [{ run: second } = { run: '' }] = batchRuns(world.options.folder);
    await expect(continueBatch(second, model, world.options)).rejects.toThrow('--resubmit');
    expect(server.store.jobs).toHaveLength(3);
    await continueBatch(second, model, { ...world.options, resubmit: true });
    expect(server.store.jobs).toHaveLength(4);
  });

  test('a model without jobs says so', async () => {
    await using world = batchWorld();
    const { batches: _batches, ...model } = batchModel('openai', 'http://127.0.0.1:1/v1');
    await expect(submitBatch(rowsOf(['x']), model, world.options)).rejects.toMatchObject({ code: 'capability' });
  });

  test('leaving while waiting loses nothing', async () => {
    await using server = await batchServer('openai', { looks: 3 });
    await using world = batchWorld();
    const model = batchModel('openai', server.url);
    const { run } = await submitBatch(rowsOf(texts(2)), model, world.options);
    const controller = new AbortController();
    const { pause: _pause, ...options } = world.options;
    const waiting = waitForBatch(run, model, {
      ...options,
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'waiting') controller.abort();
      },
    });
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    expect(await waitForBatch(run, model, world.options)).toMatchObject({ state: 'finished', ok: 2 });
    expect(server.store.jobs).toHaveLength(1);
  });
});
