import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

import { user, type User } from './support/lmdeck.ts';

interface Line {
  readonly id: string;
  readonly model: string;
  readonly startedAt: number;
}

/** A `tapedata.sqlite` of TapeAgents with these answers to one question, and how many rows are broken. */
function tapeData(path: string, answers: readonly string[], broken = 0): void {
  const database = new DatabaseSync(path);
  database.exec(
    'CREATE TABLE LLMCalls (prompt_id TEXT PRIMARY KEY, timestamp TEXT, prompt TEXT, output TEXT, prompt_length_tokens INTEGER, output_length_tokens INTEGER, cached INTEGER, llm_info TEXT, cost REAL)',
  );
  const insert = database.prepare('INSERT INTO LLMCalls VALUES (?, ?, ?, ?, 10, 2, 0, ?, 0.000015)');
  for (const [i, answer] of answers.entries()) {
    const prompt = JSON.stringify({ id: `p${i}`, tools: null, messages: [{ role: 'user', content: 'Capital of France?' }] });
    const output = JSON.stringify({ content: answer, role: 'assistant' });
    insert.run(`p${i}`, `2024-12-12T09:36:0${i}.5`, prompt, output, '{"model_name": "gpt-4o", "parameters": {"temperature": 0.5}}');
  }
  for (let i = 0; i < broken; i++) insert.run(`b${i}`, '2024-12-12T09:36:00', 'oops', '{}', '{}');
  database.close();
}

function lines(text: string): Line[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

async function idsOf(anna: User): Promise<string[]> {
  return lines((await anna.run(['tape', 'export'])).stdout).map((line) => line.id);
}

describe('lmdeck tape import', () => {
  test('takes over calls, tells what it did, adds nothing twice; logs show them like any other', async () => {
    using anna = user();
    const path = join(anna.home, 'tapedata.sqlite');
    tapeData(path, ['Paris', 'Lyon']);
    const dry = await anna.run(['tape', 'import', '--dry-run', path]);
    expect([dry.code, dry.stderr]).toEqual([0, `${path} (tapeagents): would import 2 calls: 20 tokens in, 4 tokens out, $0.00003.\n`]);
    expect(existsSync(join(anna.home, 'tape.db'))).toBe(false);
    const first = await anna.run(['tape', 'import', path]);
    expect([first.code, first.stdout, first.stderr]).toEqual([
      0,
      '',
      `${path} (tapeagents): imported 2 calls: 20 tokens in, 4 tokens out, $0.00003.\n`,
    ]);
    const again = await anna.run(['tape', 'import', path, '--json']);
    const [report] = JSON.parse(again.stdout);
    expect(report).toMatchObject({ file: path, calls: 0, skipped: 2, failed: [] });
    expect(report).not.toHaveProperty('costUsd');
    const rows = JSON.parse((await anna.run(['logs', '-n', '1', '--json'])).stdout);
    expect(rows).toMatchObject([
      {
        datetime_utc: '2024-12-12T09:36:01.500Z',
        model: 'gpt-4o',
        prompt: 'Capital of France?',
        response: 'Lyon',
        input_tokens: 10,
        cost_micros: 15,
      },
    ]);
    expect((await anna.run(['logs', '-q', 'lyon', '-r'])).stdout).toBe('Lyon\n');
    expect((await anna.run(['tape', 'verify'])).code).toBe(0);
  });

  test('names rows that are no calls; the exit code tells', async () => {
    using anna = user();
    const path = join(anna.home, 'tapedata.sqlite');
    tapeData(path, ['Paris'], 30);
    const { code, stderr } = await anna.run(['tape', 'import', path]);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /tapedata\.sqlite, LLMCalls row 2: its prompt is no JSON[^]*only counted[^]*imported 1 call: .*; 30 rows left out\.\n$/,
    );
    expect(stderr.split('\n').filter((line) => line.includes('no JSON'))).toHaveLength(20);
  });

  test('a file of no known kind, a missing one, a wrong format', async () => {
    using anna = user();
    writeFileSync(join(anna.home, 'a.csv'), 'a,b\n');
    for (const [words, code, message] of [
      [['a.csv'], 2, 'No format knows a.csv'],
      [['gone.jsonl'], 1, 'there is no such file'],
      [['a.csv', '--format', 'tapeagent'], 2, 'Did you mean tape or tapeagents'],
      [[], 2, '<files...> is missing'],
    ] as const) {
      const ended = await anna.run(['tape', 'import', ...words]);
      expect([ended.code, ended.stdout]).toEqual([code, '']);
      expect(ended.stderr).toContain(message);
    }
  });
});

describe('lmdeck tape export', () => {
  test('one machine’s calls on another, through a pipe or a file', async () => {
    using anna = user();
    using bert = user();
    tapeData(join(anna.home, 'tapedata.sqlite'), ['Paris', 'Lyon', 'Nice']);
    await anna.run(['tape', 'import', 'tapedata.sqlite', '--run', 'nightly']);
    const piped = await anna.run(['tape', 'export', '--run', 'nightly', '--since', '2024-12-12T09:36:01Z']);
    expect([piped.code, piped.stderr, lines(piped.stdout).length]).toEqual([0, '', 2]);
    expect((await bert.run(['tape', 'import', '-'], { input: piped.stdout })).stderr).toContain('imported 2 calls');
    const file = join(anna.home, 'all.jsonl.gz');
    expect((await anna.run(['tape', 'export', '-o', file])).stderr).toBe(`Exported 3 calls to ${file}.\n`);
    expect(lines(gunzipSync(readFileSync(file)).toString())).toHaveLength(3);
    expect((await bert.run(['tape', 'import', file])).stderr).toContain(
      'imported 1 call: 10 tokens in, 2 tokens out, $0.000015; 2 calls were there already.',
    );
    expect(await idsOf(bert)).toEqual(await idsOf(anna));
    const refused = await anna.run(['tape', 'export', '-o', file]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--overwrite')]);
    expect((await anna.run(['tape', 'export', '-o', file, '--overwrite', '--limit', '1', '--json'])).stdout).toContain('"calls": 1');
    expect(readdirSync(anna.home).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('tags decide what is trained on', async () => {
    using anna = user();
    tapeData(join(anna.home, 'tapedata.sqlite'), ['Paris', 'Lyon', 'Nice']);
    await anna.run(['tape', 'import', 'tapedata.sqlite']);
    const [paris = '', lyon = '', nice = ''] = await idsOf(anna);
    expect((await anna.run(['tape', 'tag', paris, 'reward=1', 'split=train', 'note=well done'])).code).toBe(0);
    const scores = [
      { id: lyon, tags: { reward: 0.5, split: 'train' } },
      { id: nice, tags: { reward: 0, split: 'test' } },
      { id: '01zzzz', tags: {} },
    ];
    const tagged = await anna.run(['tape', 'tag', '--from', '-'], { input: scores.map((score) => JSON.stringify(score)).join('\n') });
    expect([tagged.code, tagged.stderr]).toEqual([
      3,
      expect.stringMatching(/line 3: There is no call "01zzzz"[^]*Tagged 2 calls; 1 line could not be read\./),
    ]);
    expect(JSON.parse((await anna.run(['tape', 'tag', paris])).stdout)).toEqual({ note: 'well done', reward: 1, split: 'train' });
    await anna.run(['tape', 'tag', paris, 'note-']);
    expect((await anna.run(['tape', 'tag', paris, 'split'])).stdout).toBe('train\n');
    expect((await anna.run(['tape', 'tag', paris, 'note'])).code).toBe(2);
    expect((await anna.run(['logs', '--tag', 'split=train', '-n', '0', '--tag', 'reward=1'])).stdout).toMatch(
      /## Tags\n\n- reward: 1\n- split: train/,
    );

    const sft = await anna.run(['tape', 'export', '-f', 'sft', '--tag', 'split=train', '--min-score', '0.9']);
    expect(sft.stdout).toBe('{"messages":[{"role":"user","content":"Capital of France?"},{"role":"assistant","content":"Paris"}]}\n');
    expect(sft.stderr).toBe('Left aside: answers without a reward of at least 0.9 (1).\n');
    const dpo = await anna.run(['tape', 'export', '--format', 'dpo', '--pairs', 'all']);
    const pairs = dpo.stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
    expect(pairs.map(({ chosen, rejected }) => [chosen[0].content, rejected[0].content])).toEqual([
      ['Paris', 'Lyon'],
      ['Paris', 'Nice'],
      ['Lyon', 'Nice'],
    ]);
    expect((await anna.run(['tape', 'export', '-f', 'openai-ft', '--per', 'prompt'])).stdout).toContain('"content":"Paris"');
    expect((await anna.run(['tape', 'export', '-f', 'training'])).stderr).toContain('--tokenizer');
    expect((await anna.run(['tape', 'export', '-f', 'sftt'])).stderr).toContain('Did you mean sft?');
    expect((await anna.run(['tape', 'export', '-f', 'sft', '--per', 'week'])).code).toBe(2);
  });

  test('training text with the tokenizer of a folder', async () => {
    using anna = user();
    tapeData(join(anna.home, 'tapedata.sqlite'), ['Paris']);
    await anna.run(['tape', 'import', 'tapedata.sqlite']);
    const vocab = Object.fromEntries(
      ['[UNK]', 'user', 'Capital', 'of', 'France', '?', 'assistant', 'Paris', '.'].map((word, id) => [word, id]),
    );
    const model = { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab };
    writeFileSync(join(anna.home, 'tokenizer.json'), JSON.stringify({ model, pre_tokenizer: { type: 'Whitespace' }, added_tokens: [] }));
    const words = ['tape', 'export', '-f', 'training', '--tokenizer', '.', '--tokens'];
    const without = await anna.run(words);
    expect([without.code, without.stdout]).toEqual([1, '']);
    expect(without.stderr).toContain("needs the target model's chat template");
    const template = '{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}{% if add_generation_prompt %}assistant {% endif %}';
    writeFileSync(join(anna.home, 'chat.jinja'), template);
    const { stdout, stderr, code } = await anna.run([...words, '--chat-template', 'chat.jinja']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      text: 'user Capital of France? assistant Paris ',
      n_predicted: 6,
      input_ids: [1, 2, 3, 4, 5, 6, 7],
      labels: [-100, -100, -100, -100, -100, -100, 7],
    });
  });

  test('a reader that leaves early is no failure', async () => {
    using anna = user();
    tapeData(
      join(anna.home, 'tapedata.sqlite'),
      Array.from({ length: 10 }, (_, i) => `${i} ${'long '.repeat(50_000)}`),
    );
    await anna.run(['tape', 'import', 'tapedata.sqlite']);
    const { child, ended } = anna.start(['tape', 'export'], { input: '' });
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('back to TapeAgents', async () => {
    using anna = user();
    tapeData(join(anna.home, 'tapedata.sqlite'), ['Paris', 'Lyon']);
    await anna.run(['tape', 'import', 'tapedata.sqlite']);
    expect((await anna.run(['tape', 'export', '-f', 'tapeagents'])).stderr).toContain('name the file');
    expect((await anna.run(['tape', 'export', '-f', 'tapeagents', '-o', 'back.sqlite'])).code).toBe(0);
    const rows = (name: string): unknown[] => {
      const database = new DatabaseSync(join(anna.home, name), { readOnly: true });
      const all = database.prepare('SELECT prompt_id, timestamp, prompt, output, cost FROM LLMCalls').all();
      database.close();
      return all;
    };
    expect(rows('back.sqlite')).toEqual(rows('tapedata.sqlite'));
  });
});

test('lmdeck tape alone tells how the tape stands, formats what it reads and writes', async () => {
  using anna = user();
  expect((await anna.run(['tape'])).stdout).toContain('Nothing is recorded yet.');
  const formats = JSON.parse((await anna.run(['tape', 'formats', '--json'])).stdout);
  expect(formats).toEqual(
    expect.arrayContaining([
      { name: 'tapeagents', import: true, export: true, summary: expect.any(String) },
      { name: 'tape', import: true, export: false, summary: expect.any(String) },
      { name: 'dpo', import: false, export: true, summary: expect.any(String) },
    ]),
  );
});
