import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { user, type User } from './support/lmdeck.ts';

/** One that has asked something. */
async function anna(): Promise<User> {
  const someone = user();
  await someone.run(['-m', 'mock', 'Say hello']);
  return someone;
}

/** What lies in the home; beside a tape that was read are files of SQLite's. */
function files({ home }: User): readonly string[] {
  return readdirSync(home).filter((name) => !/-(?:shm|wal)$/.test(name));
}

describe('"-" for a file is stdout', () => {
  test.each([
    [['tape', 'export', '-o', '-'], '"status":"ok"'],
    [['tape', 'export', '--format', 'openai-ft', '-o', '-'], '"content":"Say hello"'],
    [['tape', 'export', '--format', 'sft', '--output', '-', '--json'], '"content":"Say hello"'],
  ])('%j', async (words, text) => {
    using someone = await anna();
    const before = files(someone);
    const { code, stdout, stderr } = await someone.run(words);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(text);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(files(someone)).toEqual(before);
  });

  test('also of the report of an evaluation', async () => {
    using someone = user();
    writeFileSync(join(someone.home, 'sums.jsonl'), '{"question": "1", "answer": "1"}\n');
    writeFileSync(
      join(someone.home, 'sums.yaml'),
      'task: sums\ndataset_path: json\ndataset_kwargs: {data_files: {test: sums.jsonl}}\ntest_split: test\ndoc_to_text: question\ndoc_to_target: answer\n',
    );
    await someone.run(['eval', 'run', '--tasks', 'sums.yaml', '-m', 'mock', '--apply_chat_template']);
    const before = files(someone);
    const { code, stdout, stderr } = await someone.run(['eval', 'show', 'latest', '--html', '-']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^<!doctype html>[^]*<h2>sums<\/h2>[^]*<\/html>\n$/);
    expect(files(someone)).toEqual(before);
  });

  test.each([
    [['tape', 'export', '--format', 'tapeagents', '-o', '-'], 'is a file and no text: name the file'],
    [['logs', 'backup', '-'], '"-" cannot be used here: a tape is no text'],
    [['eval', 'run', '--tasks', 'x.yaml', '-m', 'mock', '-o', '-'], '"-" cannot be used here: --output-path takes a folder'],
    [['eval', 'run', '--tasks', 'x.yaml', '-m', 'mock', '--html', '-'], 'lmdeck eval show latest --html -'],
    [['-m', 'mock', '-d', '-', 'Hello'], '"-" cannot be used here: a tape is a file'],
    [['logs', '-d', '-'], '"-" cannot be used here: a tape is a file'],
  ])('%j is refused', async (words, message) => {
    using someone = await anna();
    const before = files(someone);
    const { code, stdout, stderr } = await someone.run(words);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
    expect(files(someone)).toEqual(before);
  });
});

describe('"-" for a file that is read is stdin', () => {
  test('import, tags, a chat template, recorded bytes', async () => {
    using someone = await anna();
    const exported = (await someone.run(['tape', 'export'])).stdout;
    using other = user();
    expect((await other.run(['tape', 'import', '-'], { input: exported })).stderr).toContain('imported 1 call');
    const [, id = ''] = /"id":"(\w+)"/.exec(exported) ?? [];
    const tags = `${JSON.stringify({ id, tags: { reward: 1 } })}\n`;
    expect((await other.run(['tape', 'tag', '--from', '-'], { input: tags })).stderr).toContain('Tagged 1 call');
    const template = '{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}';
    const training = await other.run(['tape', 'export', '-f', 'training', '--tokenizer', 'o200k_base', '--chat-template', '-'], {
      input: template,
    });
    expect([training.code, training.stderr]).toEqual([0, '']);
    expect(JSON.parse(training.stdout)).toMatchObject({ text: '<user>Say hello<assistant>Say hello' });
    expect(JSON.parse((await other.run(['debug', 'sse', '-'], { input: 'data: x\n\n' })).stdout).events).toMatchObject([{ data: 'x' }]);
    expect(files(other)).not.toContain('-');
  });
});
