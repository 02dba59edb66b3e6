import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';

import { chatServer, type ChatRequest } from './support/chat-server.ts';
import { user, type User } from './support/lmdeck.ts';

const TASKS = join(import.meta.dirname, '../../examples/tasks');

/** A task of sums that are asked in a chat, and how to answer them. */
function sums(home: string, count: number): void {
  const rows = Array.from({ length: count }, (_, i) => JSON.stringify({ question: `${i} + 1`, answer: String(i + 1) }));
  mkdirSync(join(home, 'tasks'), { recursive: true });
  writeFileSync(join(home, 'tasks/sums.jsonl'), `${rows.join('\n')}\n`);
  writeFileSync(
    join(home, 'tasks/sums.yaml'),
    'task: sums\ndataset_path: json\ndataset_kwargs: {data_files: {test: sums.jsonl}}\ntest_split: test\ndoc_to_text: question\ndoc_to_target: answer\nmetadata: {version: 1}\n',
  );
}

function asked({ body }: ChatRequest): string {
  return String(body.messages.at(-1)?.content);
}

/** Right for even numbers. */
function answer(request: ChatRequest): string {
  const first = Number.parseInt(asked(request), 10);
  return String(first % 2 === 0 ? first + 1 : 0);
}

const RUN = ['eval', 'run', '--tasks', 'tasks', '--apply_chat_template', '--bootstrap_iters', '100'];

const TABLE = [
  '|Tasks|Version|Filter|n-shot|  Metric   |   |Value |   |Stderr|',
  '|-----|------:|------|-----:|-----------|---|-----:|---|-----:|',
  '|sums |      1|none  |     0|exact_match|↑  |0.5000|±  |0.0801|',
  '',
].join('\n');

/** How many calls of the tape ended well, and how many different requests they are. */
function calls(home: string): readonly [number, number] {
  const path = join(home, 'tape.db');
  if (!existsSync(path)) return [0, 0];
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("SELECT count(*) AS made, count(DISTINCT request_key) AS different FROM calls WHERE status = 'ok'").get();
  database.close();
  return [Number(row?.['made']), Number(row?.['different'])];
}

/** Resolves when it holds. */
function condition(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!holds()) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
}

async function runs(anna: User): Promise<readonly { readonly run: string; readonly status: string }[]> {
  return JSON.parse((await anna.run(['eval', 'ls', 'runs', '--json'])).stdout);
}

describe('lmdeck eval run', () => {
  test('prints accuracy, perplexity and standard errors; keeps results and samples', async () => {
    using anna = user();
    const args = [
      'eval',
      'run',
      '--tasks',
      TASKS,
      '-m',
      'echo',
      '--bootstrap-iters',
      '100',
      '-o',
      'out',
      '--log_samples',
      '--html',
      'report.html',
    ];
    const { code, stdout, stderr } = await anna.run(args);
    expect([code, stdout.split('\n')[0]]).toEqual([0, expect.stringContaining('Tasks')]);
    expect(stdout).toMatch(/\|acc +\|↑ +\|0\.\d{4}\|± +\|0\.\d{4}\|/);
    expect(stdout).toMatch(/\|word_perplexity\|↓/);
    expect(stdout).toMatch(/\|Groups\|/);
    expect(stderr).toMatch(/^echo: 461 calls, .* Run ([0-9a-z]{26}): lmdeck eval show \1$/m);
    const [model = ''] = readdirSync(join(anna.home, 'out'));
    expect(readdirSync(join(anna.home, 'out', model)).map((name) => name.replace(/_2.*\./, '.'))).toEqual([
      'results.json',
      'samples_tiny_arithmetic.jsonl',
      'samples_tiny_completions.jsonl',
      'samples_tiny_sentences.jsonl',
    ]);
    expect(readFileSync(join(anna.home, 'report.html'), 'utf8')).toContain('<h2>tiny_completions</h2>');
    const run = (await runs(anna))[0]?.run ?? '';
    const shown = await anna.run(['eval', 'show', run.slice(0, 12)]);
    expect(shown.stdout).toContain(stdout.trim());
    const doc = await anna.run(['eval', 'show', 'latest', '--task', 'tiny_completions', '--doc', '3']);
    const [, call = ''] = /lmdeck logs show ([0-9a-z]{26})/.exec(doc.stdout) ?? [];
    expect(JSON.parse((await anna.run(['logs', 'show', call, '--json'])).stdout)).toMatchObject([{ model: 'echo' }]);
    const same = await anna.run(['eval', 'compare', 'latest', join(anna.home, 'out', model)]);
    expect(same.stdout).toMatch(/\| tiny_completions \| none \| acc \| 98 \| .* \| 0 \/ 0 \/ 98 \| 1\.0000 \| 1\.0000 \|/);
    // A document has no perplexity: what is compared is named.
    expect(same.stdout).toMatch(/\| tiny_sentences \| none \| log-likelihood behind word_perplexity \|/);
  });

  test('a group whose metrics no task has is told, and has no table', async () => {
    using anna = user();
    sums(anna.home, 2);
    writeFileSync(join(anna.home, 'tasks/all.yaml'), 'group: all\ntask: [sums]\naggregate_metric_list: [{metric: acc}]\n');
    const { code, stdout, stderr } = await anna.run(['eval', 'run', '--tasks', 'tasks/all.yaml', '-m', 'echo']);
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('Groups')]);
    expect(stderr).toContain('group all: no task of it has the metric acc (aggregate_metric_list)');
  });

  test('killed anywhere and run again: the same numbers, and no call that was answered is made twice', async () => {
    let hangFrom = 17;
    let stuck = (): void => undefined;
    await using server = await chatServer((request, index) => {
      if (index < hangFrom) return { text: [answer(request)] };
      stuck();
      return { hang: true };
    });
    using anna = user(server.url);
    sums(anna.home, 40);
    const waiting = new Promise<void>((resolve) => {
      stuck = resolve;
    });
    const first = anna.start([...RUN, '--concurrency', '4']);
    await waiting;
    // The tape commits in groups; what it has then must be enough.
    await condition(() => calls(anna.home)[0] === 17);
    first.child.kill('SIGKILL');
    await first.ended;
    expect((await runs(anna)).map(({ status }) => status)).toEqual(['interrupted']);
    hangFrom = Infinity;
    const before = server.requests.length;
    const again = await anna.run([...RUN, '--concurrency', '4']);
    expect([again.code, again.stdout]).toEqual([0, TABLE]);
    expect(again.stderr).toMatch(/^Going on with run [^]*taken from an earlier start/);
    const [made, different] = calls(anna.home);
    expect([made, different]).toEqual([40, 40]);
    // What had been answered is not sent again; what was under way is.
    expect(server.requests.length - before).toBe(40 - 17);
    const sent = server.requests.length;
    const once = await anna.run([...RUN, '--run', (await runs(anna))[0]?.run ?? '']);
    expect([once.code, once.stdout, server.requests.length]).toEqual([0, TABLE, sent]);
    expect(once.stderr).toContain(': 0 calls, 40 taken from an earlier start');
  });

  test('Ctrl-C stops at once and says how to go on', async () => {
    let hang = true;
    await using server = await chatServer((request, index) => (hang && index > 4 ? { hang: true } : { text: [answer(request)] }));
    using anna = user(server.url);
    sums(anna.home, 40);
    const { child, ended } = anna.start([...RUN, '--concurrency', '2']);
    await condition(() => server.requests.length >= 6);
    child.kill('SIGINT');
    const stopped = await ended;
    expect([stopped.code, stopped.stdout]).toEqual([130, '']);
    const [, run = ''] =
      /^Stopped\. What was answered is kept\. Go on with: lmdeck eval run --run ([0-9a-z]{26})$/m.exec(stopped.stderr) ?? [];
    expect(await runs(anna)).toMatchObject([{ run, status: 'stopped' }]);
    hang = false;
    const again = await anna.run(['eval', 'run', '--run', run, '--bootstrap_iters', '100']);
    expect([again.code, again.stdout]).toEqual([0, TABLE]);
  });

  test('a run that was stopped is left alone by --new; one that has ended is not taken up', async () => {
    await using server = await chatServer((request) => ({ text: [answer(request)] }));
    using anna = user(server.url);
    sums(anna.home, 10);
    expect((await anna.run(RUN)).code).toBe(0);
    const [ended] = await runs(anna);
    const record = join(anna.home, 'evals', ended?.run ?? '', 'run.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace('"finished"', '"stopped"'));
    const another = await anna.run([...RUN, '--new']);
    expect([another.code, another.stderr]).toEqual([0, expect.not.stringContaining('Going on')]);
    const same = await anna.run(RUN);
    expect([same.code, same.stderr]).toEqual([0, expect.stringContaining(`Going on with run ${ended?.run}, which was not finished`)]);
    expect((await anna.run(RUN)).stderr).not.toContain('Going on');
    expect((await runs(anna)).map(({ status }) => status)).toEqual(['finished', 'finished', 'finished']);
    expect(server.requests.length).toBe(30);
  });

  test('two processes at once have a run each; one run has one process', async () => {
    await using server = await chatServer((request) => ({ text: [answer(request)] }));
    using anna = user(server.url);
    sums(anna.home, 40);
    const both = await Promise.all([anna.run(RUN), anna.run([...RUN, '--new'])]);
    expect(both.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, TABLE],
      [0, TABLE],
    ]);
    const all = await runs(anna);
    expect(all.map(({ status }) => status)).toEqual(['finished', 'finished']);
    const run = all[0]?.run ?? '';
    writeFileSync(join(anna.home, 'evals', run, 'process'), String(process.pid));
    const refused = await anna.run(['eval', 'run', '--run', run]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`Process ${process.pid} is working on the run ${run}`)]);
  });

  test('documents that fail are named and left out: exit 3; asked again, the run is whole', async () => {
    let broken = true;
    await using server = await chatServer((request) =>
      broken && asked(request).startsWith('3') ? { status: 400, body: '{"error": {"message": "no threes"}}' } : { text: [answer(request)] },
    );
    using anna = user(server.url);
    sums(anna.home, 10);
    const { code, stdout, stderr } = await anna.run(RUN);
    expect(code).toBe(3);
    expect(stdout).toContain('|0.5556|');
    expect(stderr).toMatch(/^sums, document 3: .*no threes[^]*1 document failed and has no part in the numbers/m);
    expect((await anna.run(['eval', 'show', 'latest', '--failed'])).stdout).toMatch(/^sums 3 .*no threes/);
    broken = false;
    const before = server.requests.length;
    const again = await anna.run(RUN);
    expect([again.code, again.stdout.includes('|0.5000|'), server.requests.length - before]).toEqual([0, true, 1]);
  });

  test('calls of lm-evaluation-harness', async () => {
    await using server = await chatServer((request) => ({ text: [answer(request)] }));
    using anna = user();
    sums(anna.home, 10);
    const { code, stdout, stderr } = await anna.run([
      'eval',
      'run',
      '--model',
      'local-chat-completions',
      '--tasks',
      'sums',
      '--include_path',
      'tasks',
      '--batch_size',
      '1',
      '--apply_chat_template',
      '--model_args',
      `model=small,base_url=${server.url}/chat/completions,num_concurrent=2,tokenizer_backend=None`,
      '--limit',
      '4',
      '--num_fewshot',
      '1',
      '--gen_kwargs',
      'max_gen_toks=7,temperature=0',
    ]);
    expect([code, stderr.split('\n').slice(0, 2)]).toEqual([
      0,
      [
        'model_args: tokenizer_backend is passed over: it is decided by the model and its endpoint.',
        expect.stringContaining('--batch_size is passed over'),
      ],
    ]);
    expect(stdout).toMatch(/\|sums \| +1\|none {2}\| +1\|exact_match\|/);
    expect(server.requests.map(({ body }) => [body.model, body['max_tokens'], body.messages.length])).toEqual(
      Array.from({ length: 4 }, () => ['small', 7, 3]),
    );
  });

  test('a chat server without echo is refused with the reason; by its labels it is scored when that is asked for', async () => {
    await using server = await chatServer(({ path, body }) => {
      if (!path.endsWith('/chat/completions')) return { status: 404, body: '{"error": {"message": "no such path"}}' };
      const right = String(body.messages.at(-1)?.content).includes('odd') ? 'B' : 'A';
      const top = ['A', 'B'].map((token) => ({ token, logprob: token === right ? -0.1 : -2.5 }));
      const logprobs = { content: [{ token: right, logprob: -0.1, top_logprobs: top }] };
      const message = { role: 'assistant', content: right };
      return {
        body: JSON.stringify({ id: 'chatcmpl-1', model: 'small', choices: [{ index: 0, message, logprobs, finish_reason: 'length' }] }),
      };
    });
    using anna = user(server.url);
    mkdirSync(join(anna.home, 'tasks'));
    const rows = Array.from({ length: 6 }, (_, i) => JSON.stringify({ question: `${i}: ${i % 2 === 0 ? 'even' : 'odd'}?`, answer: i % 2 }));
    writeFileSync(join(anna.home, 'tasks/labels.jsonl'), `${rows.join('\n')}\n`);
    writeFileSync(
      join(anna.home, 'tasks/labels.yaml'),
      'task: labels\ndataset_path: json\ndataset_kwargs: {data_files: {test: labels.jsonl}}\ntest_split: test\noutput_type: multiple_choice\ndoc_to_text: question\ndoc_to_choice: [A, B]\ndoc_to_target: answer\nmetadata: {version: 1}\n',
    );
    const args = ['eval', 'run', '--tasks', 'tasks', '-m', 'local/small', '--bootstrap_iters', '10'];
    const refused = await anna.run(args);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/local\/small cannot score given text: .*no such path.*--chat_labels/);
    const before = server.requests.length;
    const scored = await anna.run([...args, '--chat_labels', '5']);
    expect([scored.code, scored.stderr]).toEqual([0, expect.stringContaining('labels: scored by its label among')]);
    expect(scored.stdout).toMatch(/\|acc +\|↑ +\|1\.0000\|/);
    expect(server.requests.slice(before).map(({ body }) => [body['top_logprobs'], body['logprobs'], body['max_tokens']])).toEqual(
      Array.from({ length: 6 }, () => [5, true, 1]),
    );
    const shown = await anna.run(['eval', 'show', 'latest', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ results: { lmdeck: { chat_labels: 5, notes: { labels: expect.anything() } } } });
  });

  test('bad input', async () => {
    using anna = user();
    sums(anna.home, 3);
    writeFileSync(join(anna.home, 'tasks/bad.yaml'), 'task: bad\ndataset_path: json\ntest_spilt: test\n');
    for (const [words, code, message] of [
      [['run', '--tasks', 'tasks/sums.yaml', '-m', 'echo', '--concurrency', '0'], 2, '--concurrency takes a whole number'],
      [['run', '--tasks', 'tasks/sums.yaml', '-m', 'echo', '--max_failures', '-1'], 2, '--max-failures takes a whole number'],
      [['run', '--tasks', 'tasks/sums.yaml', '-m', 'echo', '--bootstrap_iters', 'x'], 2, '--bootstrap-iters takes a whole number'],
      // What is wrong with the command line begins no run.
      [['show'], 2, 'There is no evaluation run yet'],
      [['run'], 2, 'name the tasks'],
      [['run', 'sum', '--include_path', TASKS, '-m', 'echo'], 2, 'There is no task "sum"'],
      [['run', 'tiny_sentence', '--include_path', TASKS, '-m', 'echo'], 2, 'Did you mean tiny or tiny_sentences?'],
      [['run', 'sums', '-m', 'echo'], 2, 'Where is the task "sums"?'],
      [['run', '--tasks', 'gone.yaml', '-m', 'echo'], 2, 'There is no task file or folder'],
      [['run', '--tasks', 'tasks/bad.yaml', '-m', 'echo'], 1, 'test_spilt is no field that is known here. Did you mean test_split?'],
      [['run', '--tasks', 'tasks/sums.yaml', '-m', 'ecko'], 1, 'There is no model "ecko"'],
      [['run', '--tasks', 'tasks/sums.yaml', '-m', 'echo', '--samples', '{"sums": [3]}'], 2, 'task sums has no document 3: it has 3'],
      [['run', '--tasks', 'tasks/sums.yaml', '-m', 'echo', '--limit', '1.5'], 2, '--limit takes a whole number'],
      [['run', '--tasks', 'tasks/sums.yaml', '-m', 'echo', '--use_cache', 'x'], 2, 'every answer is on the tape'],
      [['run', '--tasks', 'tasks/sums.yaml', '-m', 'echo', '--model_args', 'a=1', 'b=2'], 2, 'joined by commas'],
      [
        ['run', '--tasks', 'tasks/sums.yaml', '--model', 'local-chat-completions', '-a', 'model=m,base_url=http://[::1]:9/v1'],
        2,
        'it needs --apply_chat_template',
      ],
      [['run', '--run', '01k'], 2, 'There is no evaluation run 01k'],
      [['run', '--tasks', TASKS, '-m', 'openai/gpt-5.6-luna'], 1, 'no API key'],
      [['compare', 'latest'], 2, '<run> is missing'],
      [['ls', 'task'], 2, 'Did you mean tasks'],
    ] as const) {
      const ended = await anna.run(['eval', ...words]);
      expect([words, ended.code, ended.stdout]).toEqual([words, code, '']);
      expect(ended.stderr).toContain(message);
    }
  });
});

describe('lmdeck eval ls and validate', () => {
  test('tasks and groups of a folder', async () => {
    using anna = user();
    const { stdout } = await anna.run(['eval', 'ls', 'groups', TASKS]);
    expect(stdout).toBe(`tiny  group: tiny_completions, tiny_arithmetic, tiny_sentences  ${join(TASKS, 'tiny.yaml')}\n`);
    const env = { LMDECK_TASKS: TASKS };
    expect(JSON.parse((await anna.run(['eval', 'ls', 'tasks', '--json'], { env })).stdout)).toHaveLength(3);
    expect((await anna.run(['eval', 'ls'])).stderr).toContain('There are no evaluation runs yet');
  });

  test('problems have file and line', async () => {
    using anna = user();
    expect(await anna.run(['eval', 'validate', TASKS])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('tiny_completions: multiple_choice, 98 documents, 4 requests each\n'),
    });
    const folder = join(anna.home, 'tasks');
    sums(anna.home, 3);
    writeFileSync(join(folder, 'a.yaml'), 'task: a\ndataset_path: json\ntest_spilt: test\n');
    writeFileSync(
      join(folder, 'b.yaml'),
      'task: b\ndataset_path: json\ndataset_kwargs: {data_files: {test: gone.jsonl}}\ntest_split: test\ndoc_to_text: q\ndoc_to_target: a\n',
    );
    writeFileSync(join(folder, 'c.yaml'), 'task: c\n  nested: [\n');
    writeFileSync(
      join(folder, 'd.yaml'),
      'task: d\ndataset_path: json\ndataset_kwargs: {data_files: {test: sums.jsonl}}\ntest_split: test\ndoc_to_text: "{{ questoin }}"\ndoc_to_target: answer\nmetric_list:\n  - metric: exact_mach\n',
    );
    const { code, stdout, stderr } = await anna.run(['eval', 'validate', 'tasks']);
    expect([code, stdout]).toEqual([1, 'sums: generate_until, 3 documents, 1 request each\n']);
    expect(stderr).toContain(`${join(folder, 'a.yaml')}:3: test_spilt is no field that is known here. Did you mean test_split?`);
    expect(stderr).toMatch(/b\.yaml:3: .*gone\.jsonl/);
    expect(stderr).toContain('c.yaml:1: Nested mappings are not allowed in compact mappings.\n');
    expect(stderr).toMatch(/d\.yaml:8: .*there is no metric "exact_mach"/);
    expect(stderr).toContain('4 problems in 4 files.');
    expect(existsSync(join(anna.home, 'tape.db'))).toBe(false);
  });

  test('a mistake in a template has task, file, field and line', async () => {
    using anna = user();
    sums(anna.home, 3);
    const file = join(anna.home, 'tasks', 'open.yaml');
    writeFileSync(
      file,
      'task: open\ndataset_path: json\ndataset_kwargs: {data_files: {test: sums.jsonl}}\ntest_split: test\n' +
        'doc_to_text: |\n  Q\n  {% for c in "ab" %}\n  {{ c }}\ndoc_to_target: "1"\n',
    );
    const problem = 'doc_to_text: template "Q\\n{% for c in \\"ab\\" %}\\n{{ c }}\\n": {% for %} is not closed: {% endfor %} is missing\n';
    const checked = await anna.run(['eval', 'validate', file]);
    expect([checked.code, checked.stderr]).toEqual([1, `${file}:5: task open: ${problem}1 problem in 1 file.\n`]);
    const run = await anna.run(['eval', 'run', '--tasks', file, '-m', 'echo']);
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining(`Error: task open (${file}): ${problem}`)]);
  });
});

describe('lmdeck score', () => {
  test('ranks continuations', async () => {
    using anna = user();
    const { code, stdout } = await anna.run(['score', 'The capital is', ' Paris', ' Rome', '-m', 'echo', '--json']);
    expect(code).toBe(0);
    const { continuations, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ model: 'echo', context: 'The capital is' });
    expect(continuations.map(({ text }: { readonly text: string }) => text)).toEqual([' Paris', ' Rome']);
    const shares: readonly number[] = continuations.map((each: { readonly probability_among: number }) => each.probability_among);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect((await anna.run(['score', 'a', 'b', '-m', 'echo', '--tokens'])).stdout).toMatch(
      /^continuation +logprob[^]*\n"b"\ntoken +logprob/,
    );
  });

  test('nothing to score, or a model that cannot', async () => {
    await using server = await chatServer(() => ({ text: ['no'] }));
    using anna = user(server.url);
    expect(await anna.run(['score', 'a', '', '-m', 'echo'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('continuation 1 is empty'),
    });
    expect(await anna.run(['score', 'a'])).toMatchObject({ code: 2, stderr: expect.stringContaining('<continuations...> is missing') });
    expect(await anna.run(['score', 'a', 'b', '-m', 'local/small'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('local/small'),
    });
  });
});
