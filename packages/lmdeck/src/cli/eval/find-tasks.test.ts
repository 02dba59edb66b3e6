import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findTasks } from './find-tasks.ts';

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-find-tasks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('a name that two files of a folder have is nobody’s; a file that is given counts', async () => {
  const first = write('twice/a.yaml', 'task: same\ndescription: first\n');
  const second = write('twice/b.yaml', 'task: same\ndescription: second\n');
  write('twice/c.yaml', 'task: other\n');
  const all = join(folder, 'twice');
  await expect(findTasks([all], [])).rejects.toThrow(`${second}: "same" is the name in ${first} too.`);
  await expect(findTasks(['same'], [all])).rejects.toThrow(`${second}: "same" is the name in ${first} too.`);
  expect((await findTasks(['other'], [all])).members).toMatchObject([{ task: 'other' }]);
  expect((await findTasks([second], [])).members).toMatchObject([{ description: 'second' }]);
  await expect(findTasks([first, second], [])).rejects.toThrow('two different tasks or groups of the name "same"');
});

test('of folders the first that has a name counts', async () => {
  write('one/a.yaml', 'task: a\ndescription: one\n');
  write('two/a.yaml', 'task: a\ndescription: two\n');
  expect((await findTasks(['a'], [join(folder, 'one'), join(folder, 'two')])).members).toMatchObject([{ description: 'one' }]);
});

test('a task that several groups have is one; with other settings it is refused', async () => {
  write('groups/a.yaml', 'task: a\ntag: both\n');
  write('groups/g.yaml', 'group: g\ntask: [a]\n');
  write('groups/h.yaml', 'group: h\ntask: [{task: a, num_fewshot: 3}]\n');
  const include = [join(folder, 'groups')];
  expect((await findTasks(['g', 'a', 'both'], include)).members).toMatchObject([{ name: 'g' }, { task: 'a' }]);
  await expect(findTasks(['g', 'h'], include)).rejects.toThrow('two different tasks or groups of the name "a"');
});

test('a group that contains itself, or nothing, is told', async () => {
  write('wrong/a.yaml', 'group: a\ntask: [b]\n');
  write('wrong/b.yaml', 'group: b\ntask: [c, a]\n');
  write('wrong/c.yaml', 'task: c\n');
  write('wrong/d.yaml', 'group: d\ntask: []\n');
  const include = [join(folder, 'wrong')];
  await expect(findTasks(['a'], include)).rejects.toThrow('group a contains itself: a → b → a.');
  await expect(findTasks(['d'], include)).rejects.toThrow('group d has no tasks');
});
