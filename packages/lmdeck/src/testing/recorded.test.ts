/** The helper as its users meet it: test files of vitest and of node:test, run by these in processes of their own. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { capitalServer, type CapitalServer } from './test-support/capitals.ts';

// Each test starts several processes that compile what they run.
vi.setConfig({ testTimeout: 180_000 });

const source = join(import.meta.dirname, '..');
const modules = join(source, '../../../node_modules');
let folder: string;
let server: CapitalServer | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lmdeck-recorded-'));
  mkdirSync(join(folder, 'home'));
  symlinkSync(modules, join(folder, 'node_modules'));
  server = await capitalServer();
});

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Runner {
  readonly name: string;
  readonly file: string;
  /** The beginning of a test file: what to import, and `equal`. */
  readonly head: string;
  readonly command: (folder: string, file: string) => readonly string[];
}

const vitest: Runner = {
  name: 'vitest',
  file: 'capitals.test.ts',
  head: `import { test, describe, expect } from 'vitest';\nconst equal = (a, b) => expect(a).toEqual(b);`,
  command: (root, file) => [join(modules, 'vitest/vitest.mjs'), 'run', '--root', root, file],
};

const nodeTest: Runner = {
  name: 'node:test',
  file: 'capitals.test.mts',
  head: `import { test, describe } from 'node:test';\nimport assert from 'node:assert';\nconst equal = (a, b) => assert.deepEqual(a, b);`,
  command: (root, file) => ['--test', join(root, file)],
};

const runners = [vitest, nodeTest];

/** What a test of this file does with one runner. */
class Project {
  readonly #runner: Runner;
  #lastUrl = '';

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  get recordings(): string {
    return join(folder, '__recordings__', this.#runner.file);
  }

  fixture(name: string): string {
    return readFileSync(join(this.recordings, `${name}.yaml`), 'utf8');
  }

  /** Writes the test file: `tests` can use `recorded`, `recordedModel`, `ask(prompt)`, `model()` and `equal`. */
  write(tests: string): void {
    const { head, file } = this.#runner;
    writeFileSync(
      join(folder, file),
      `${head}
import { recorded, recordedModel } from '${source}/testing/index.ts';
import { openaiCompatible } from '${source}/index.ts';
const model = () => openaiCompatible({ name: 'lab', baseUrl: process.env.SERVER_URL, model: 'small', retry: false });
const ask = (prompt) => model().prompt(prompt).text();
${tests}`,
    );
  }

  /** Stops the server; its address stays the same. */
  async stop(): Promise<void> {
    this.#lastUrl = server?.baseUrl ?? '';
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  }

  run(env: Readonly<Record<string, string>> = {}): Promise<{ readonly code: number | null; readonly output: string }> {
    const { command, file } = this.#runner;
    return new Promise((resolve, reject) => {
      const { LMDECK_RECORD: _record, NODE_TEST_CONTEXT: _context, VITEST: _vitest, ...clean } = process.env;
      const SERVER_URL = server?.baseUrl ?? this.#lastUrl;
      const child = spawn(process.execPath, command(folder, file), {
        cwd: folder,
        env: { ...clean, CI: '', FORCE_COLOR: '0', NO_COLOR: '1', SERVER_URL, LMDECK_HOME: join(folder, 'home'), ...env },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.on('error', reject).on('close', (code) => resolve({ code, output }));
    });
  }
}

describe.each(runners)('$name', (runner) => {
  const project = new Project(runner);

  test('a test is recorded once, replays with the server gone, and fails with the difference after a changed word', async () => {
    project.write(`test('knows capitals', recorded(async () => {
      equal(await ask('What is the capital of France?'), 'Paris');
      const pieces = [];
      for await (const piece of model().prompt('And of Italy?')) pieces.push(piece);
      equal(pieces, ['Ro', 'me']);
    }));`);
    expect(await project.run()).toMatchObject({ code: 0 });
    expect(server?.bodies).toHaveLength(2);
    const text = project.fixture('knows-capitals');
    expect(text).toContain('test: knows capitals');
    expect(text).toContain('- user: What is the capital of France?\n    answer: Paris\n    finish: stop');
    expect(text).toContain('chunks: t2t2');

    await project.stop();
    expect(await project.run()).toMatchObject({ code: 0 });
    expect(await project.run({ CI: 'true' })).toMatchObject({ code: 0 });

    project.write(`test('knows capitals', recorded(async () => {
      equal(await ask('What is the capital of Spain?'), 'Paris');
    }));`);
    for (const env of [{}, { CI: 'true' }]) {
      const { code, output } = await project.run(env);
      expect(code).toBe(1);
      expect(output).toContain('Nothing is recorded for this request to lab/small.');
      expect(output).toContain('Closest recorded prompt: call #1 (similarity 0.861).');
      expect(output).toContain('message 1 (user): What is the capital of [-France-]{+Spain+}?');
      expect(output).toContain('LMDECK_RECORD=missing');
    }
    expect(project.fixture('knows-capitals')).toBe(text);
  });

  test('a test that fails leaves no recordings, and an error of the server can be one', async () => {
    project.write(`test('fails', recorded(async () => equal(await ask('Capital of France?'), 'Rome')));
    test('is told to wait', recorded(async () => {
      const error = await ask('overload').catch((error) => error);
      equal([error.code, error.status], ['rate-limit', 429]);
    }));`);
    expect(await project.run()).toMatchObject({ code: 1 });
    expect(readdirSync(project.recordings)).toEqual(['is-told-to-wait.yaml']);
    expect(project.fixture('is-told-to-wait')).toMatch(/code: rate-limit/);
    expect(project.fixture('is-told-to-wait')).not.toContain('abcdefghij');
    await project.stop();
    const { output } = await project.run();
    expect(output).not.toMatch(/✖ is told to wait|× is told to wait/);
  });

  test('one model of a test, and several with the same recordings', async () => {
    project.write(`test('asks', async (t) => {
      const first = recordedModel(t, model());
      const second = recordedModel(t, openaiCompatible({ name: 'lab', baseUrl: process.env.SERVER_URL, model: 'large' }));
      equal(await first.prompt('Capital of France?').text(), 'Paris');
      equal(await second.prompt('Capital of Italy?').text(), 'Rome');
    });`);
    expect(await project.run()).toMatchObject({ code: 0 });
    expect(project.fixture('asks').match(/model: .*/g)).toEqual(['model: lab/small', 'model: lab/large']);
    await project.stop();
    expect(await project.run()).toMatchObject({ code: 0 });
    project.write(`test('asks', async (t) => { await recordedModel(t, model()).prompt('Capital of Spain?').text().catch(() => ''); });`);
    expect(await project.run()).toMatchObject({
      code: 1,
      output: expect.stringContaining('Nothing is recorded for this request to lab/small'),
    });
  });

  test('tests of one file run at the same time, each with its own recordings', async () => {
    const concurrent = runner === nodeTest ? `describe('all', { concurrency: true }, () => {` : `describe.concurrent('all', () => {`;
    project.write(`${concurrent}
      for (let i = 0; i < 8; i++) test('number ' + i, recorded(async () => {
        for (let k = 0; k < 3; k++) await ask('question ' + i + ' ' + k);
      }));
    });`);
    expect(await project.run()).toMatchObject({ code: 0 });
    expect(server?.bodies).toHaveLength(24);
    for (let i = 0; i < 8; i++)
      expect(project.fixture(`all--number-${i}`).match(/question \d \d/g)).toEqual([0, 1, 2].map((k) => `question ${i} ${k}`));
    await project.stop();
    expect(await project.run()).toMatchObject({ code: 0 });
  });

  test('recordings that nobody asks for are told: calls, and whole files', async () => {
    project.write(`test('asks', recorded(async () => { await ask('one'); await ask('two'); }));
    test('goes away', recorded(async () => { await ask('three'); }));`);
    await project.run();
    project.write(`test('asks', recorded(async () => { await ask('two'); }));`);
    const { code, output } = await project.run();
    expect(code).toBe(0);
    expect(output).toContain('The test "asks" did not ask for 1 of the calls in');
    expect(output).toContain('#1 lab/small: "one"');
    expect(output).toMatch(/No test of capitals\.test\.\w+ uses these recordings; delete them if their tests are gone:\n.*goes-away\.yaml/);
    expect(output).not.toContain('asks.yaml;');
  });

  test('two tests of one name are refused', async () => {
    project.write(`test('asks', recorded(async () => { await ask('one'); }));
    test('asks', recorded(async () => { await ask('two'); }));`);
    expect(await project.run()).toMatchObject({
      code: 1,
      output: expect.stringContaining('Two tests keep their recordings in __recordings__'),
    });
  });
});

describe('whatever the runner', () => {
  const project = new Project(nodeTest);

  test('under CI nothing is recorded, unless it is said', async () => {
    project.write(`test('asks', recorded(async () => equal(await ask('Capital of France?'), 'Paris')));`);
    const { code, output } = await project.run({ CI: '1' });
    expect(code).toBe(1);
    expect(output).toContain('No recorded prompt is at all like it.');
    expect(existsSync(project.recordings)).toBe(false);
    expect(server?.bodies).toEqual([]);
    expect(await project.run({ CI: '1', LMDECK_RECORD: 'new' })).toMatchObject({ code: 0 });
    expect(await project.run({ LMDECK_RECORD: 'nwe' })).toMatchObject({ code: 1, output: expect.stringContaining('Did you mean new') });
  });

  test('missing calls are added, all are replaced, and what changed is all that changes in the file', async () => {
    const body = (...prompts: string[]): string =>
      `test('asks', recorded(async () => {\n${prompts.map((each) => `await ask('${each}');`).join('\n')}\n}));`;
    project.write(body('Capital of France?', 'one', 'one'));
    await project.run();
    const before = project.fixture('asks').split('\n');
    project.write(body('Capital of France?', 'one', 'two', 'one'));
    expect(await project.run({ LMDECK_RECORD: 'missing' })).toMatchObject({ code: 0 });
    expect(server?.bodies).toHaveLength(4);
    const added = project
      .fixture('asks')
      .split('\n')
      .filter((line) => !before.includes(line));
    expect(added).toEqual(['      - user: two', '    answer: answer 4']);

    project.write(body('Capital of France, please?', 'one', 'one'));
    expect(await project.run({ LMDECK_RECORD: 'all' })).toMatchObject({ code: 0 });
    const after = project.fixture('asks');
    expect(after).toContain('- user: Capital of France, please?\n    answer: Paris');
    expect(after).not.toContain('Capital of France?');
    expect([...after.matchAll(/answer: answer (\d)/g)].map((match) => match[1])).toEqual(['6', '7']);
  });

  test('equal requests get their answers in turn, also at the same time', async () => {
    project.write(`test('draws', recorded(async () => {
      const answers = await Promise.all([1, 2, 3].map(() => ask('a number')));
      equal(answers, ['answer 1', 'answer 2', 'answer 3']);
      equal(await ask('a number'), 'answer 4');
    }));`);
    expect(await project.run()).toMatchObject({ code: 0 });
    await project.stop();
    for (let i = 0; i < 2; i++) expect(await project.run()).toMatchObject({ code: 0 });
  });

  test('a miss fails the test, also where the code gets over failed calls', async () => {
    project.write(`test('gets over it', recorded(async () => { await ask('one').catch(() => 'nothing'); }));`);
    await project.run();
    project.write(`test('gets over it', recorded(async () => { await ask('two').catch(() => 'nothing'); }));`);
    const { code, output } = await project.run();
    expect(code).toBe(1);
    expect(output).toContain('message 1 (user): [-one-]{+two+}');
  });

  test('calls that are kept off the logs are recorded all the same', async () => {
    project.write(`test('asks', recorded(async () => {
      equal(await model().prompt('Capital of France?', { log: false }).text(), 'Paris');
    }));`);
    expect(await project.run()).toMatchObject({ code: 0 });
    await project.stop();
    expect(await project.run()).toMatchObject({ code: 0 });
  });

  test('a stored key that a prompt quotes does not get into the file', async () => {
    writeFileSync(join(folder, 'home/keys.json'), JSON.stringify({ lab: 'a key like no other' }), { mode: 0o600 });
    project.write(`test('tells', recorded(async () => { await ask('My key is a key like no other.'); }));`);
    expect(await project.run()).toMatchObject({ code: 0 });
    expect(project.fixture('tells')).toContain('- user: My key is ***.');
    await project.stop();
    expect(await project.run()).toMatchObject({ code: 0 });
  });
});

test('a context of another runner is refused', async () => {
  const { recorded } = await import('./recorded.ts');
  await expect(recorded(() => undefined)({ name: 'x' })).rejects.toMatchObject({ code: 'usage' });
});
