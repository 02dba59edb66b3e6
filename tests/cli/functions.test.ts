import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../support/run-program.ts';
import { user, type User } from './support/lmdeck.ts';

const root = join(import.meta.dirname, '../..');
const config = {
  compilerOptions: { strict: true, module: 'nodenext', target: 'es2024', types: [], noEmit: true, allowImportingTsExtensions: true },
};

/** A user in a project that has lmdeck installed. */
function developer(
  files: Readonly<Record<string, string>>,
): User & { write(files: Readonly<Record<string, string>>): void; read(name: string): string } {
  const person = user();
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(join(person.home, name, '..'), { recursive: true });
      writeFileSync(join(person.home, name), text);
    }
  };
  mkdirSync(join(person.home, 'node_modules'));
  symlinkSync(join(root, 'packages/lmdeck'), join(person.home, 'node_modules/lmdeck'));
  write({ 'package.json': '{"type": "module"}', 'tsconfig.json': JSON.stringify(config), ...files });
  return Object.assign(person, { write, read: (name: string) => readFileSync(join(person.home, name), 'utf8') });
}

const greet = '/** Greets. */\nexport declare function greet(name: string, times?: number): Promise<{ text: string }>;\n';

describe('lmdeck functions', () => {
  test('generate writes modules that compile and run; again it leaves them alone', async () => {
    using dora = developer({
      'src/greet.llm.ts': greet,
      'src/judge.llm.ts':
        "export interface Rules { strict: boolean }\nexport abstract class Judge { rules: Rules = { strict: true }; abstract judge(text: string): Promise<'good' | 'bad'>; }\nexport interface Poet { style: string; poem<T extends string>(topic: T, ...words: string[]): Promise<{ topic: T; lines: string[] }> }\n",
    });
    expect(await dora.run(['functions', 'generate'])).toEqual({
      code: 0,
      stdout: 'wrote src/greet.llm.generated.ts (1 function)\nwrote src/judge.llm.generated.ts (2 classes)\n',
      stderr: '',
    });
    dora.write({
      'src/main.ts': `
import { mock } from 'lmdeck';
import { greet } from './greet.llm.generated.ts';
import { implementJudge, implementPoet } from './judge.llm.generated.ts';

const model = mock({ outputs: ['{"text": "hi"}', '"bad"', '{"topic": "owls", "lines": []}'] });
const greeting: { text: string } = await greet(model)('Maria', 2);
const Judge = implementJudge(model);
const verdict: 'good' | 'bad' = await new Judge().judge('text');
const Poet = implementPoet(model);
const poem: { topic: 'owls'; lines: string[] } = await new Poet({ style: 'dark' }).poem('owls', 'a', 'b');
// @ts-expect-error -- a number is no name
void (() => greet(model)(1));
// @ts-expect-error -- style is missing
void (() => new Poet({}));
console.log(greeting.text, verdict, poem.topic);
`,
    });
    const tsc = await runProgram(
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', dora.home, '--types', 'node', '--typeRoots', join(root, 'node_modules/@types')],
      { cwd: dora.home },
    );
    expect(tsc.stdout).toBe('');
    expect((await runProgram(['src/main.ts'], { cwd: dora.home })).stdout).toBe('hi bad owls\n');
    expect((await dora.run(['functions', 'generate', 'src/*.llm.ts', '--json'])).stdout).toContain('"written": false');
  });

  test('check names what is stale and exits with 1', async () => {
    using dora = developer({ 'greet.llm.ts': greet });
    expect(await dora.run(['functions', 'check'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'greet.llm.generated.ts: missing (source: greet.llm.ts)\n1 module of 1 stale. Run: lmdeck functions generate\n',
    });
    await dora.run(['functions', 'generate']);
    expect(await dora.run(['functions', 'check'])).toEqual({ code: 0, stdout: '', stderr: '' });
    dora.write({ 'greet.llm.ts': greet.replace('Greets', 'Greets somebody') });
    const stale = await dora.run(['functions', 'check', '--json']);
    expect(stale.code).toBe(1);
    expect(JSON.parse(stale.stdout)).toEqual([{ source: 'greet.llm.ts', module: 'greet.llm.generated.ts', state: 'source changed' }]);
  });

  test('problems are told with their places; what is right is written all the same', async () => {
    using dora = developer({
      'greet.llm.ts': greet,
      'wrong.llm.ts': 'export declare function f(a: Map<string, bigint>): Promise<string>;\n',
    });
    const run = await dora.run(['functions', 'generate']);
    expect(run).toEqual({
      code: 1,
      stdout: 'wrote greet.llm.generated.ts (1 function)\n',
      stderr:
        'wrong.llm.ts:1:30: f: a: Map<string, bigint> is not JSON: use Record<string, …>\n1 problem in 1 file; not generated: wrong.llm.generated.ts\n',
    });
    expect((await dora.run(['functions', 'generate', 'nothing'])).stderr).toBe('Error: There is no nothing.\n');
    expect((await dora.run(['functions', 'generate', '--reader', 'tsc'])).code).toBe(2);
    expect((await dora.run(['functions', 'generate', 'tsconfig.json'])).code).toBe(2);
  });

  test('ls shows what is declared', async () => {
    using dora = developer({ 'greet.llm.ts': greet });
    expect((await dora.run(['functions'])).stdout).toBe('greet  function   greet.llm.ts:2:25  2 parameters  missing\n');
    const [row]: readonly unknown[] = JSON.parse((await dora.run(['functions', 'ls', '--json'])).stdout);
    expect(row).toMatchObject({
      name: 'greet',
      line: 2,
      definition: { name: 'greet', parameters: [{ name: 'name' }, { name: 'times', optional: true }] },
    });
  });

  test('--watch writes again what changes, until Ctrl-C', async () => {
    using dora = developer({ 'greet.llm.ts': greet });
    const { child, ended, until } = dora.start(['functions', 'generate', '--watch']);
    await until('wrote greet.llm.generated.ts (1 function)\n');
    dora.write({ 'greet.llm.ts': `${greet}export declare function part(name: string): Promise<string>;\n` });
    await until('wrote greet.llm.generated.ts (2 functions)\n');
    expect(dora.read('greet.llm.generated.ts')).toContain('export const part');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stderr: '' });
  });

  test('-o names the module of one source', async () => {
    using dora = developer({ 'src/greet.llm.ts': greet });
    expect((await dora.run(['functions', 'generate', 'src/greet.llm.ts', '-o', 'lib/greet.ts'])).stdout).toBe(
      'wrote lib/greet.ts (1 function)\n',
    );
    expect(dora.read('lib/greet.ts')).toContain("from '../src/greet.llm.ts'");
    expect((await dora.run(['functions', 'check', 'src/greet.llm.ts', '-o', 'lib/greet.ts'])).code).toBe(0);
  });
});
