import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shortPath, watchFunctions, type GeneratedModule } from './index.ts';
import { project } from './test-support/project.ts';

const source = (name: string): string =>
  `import type { T } from './types.ts';\nexport declare function ${name}(value: T): Promise<string>;\n`;

test('what changed, or whose types changed, is made again; errors come and go; new sources and folders are found', async () => {
  using one = project({
    'types.ts': 'export interface T { a: string }',
    'a.llm.ts': source('a'),
    'b.llm.ts': 'export declare function b(value: string): Promise<string>;',
  });
  const stop = new AbortController();
  const changes = watchFunctions({ paths: ['.'], folder: one.folder, signal: stop.signal });
  const next = async (): Promise<readonly GeneratedModule[]> => {
    const { value } = await changes.next();
    if (value === undefined) throw new Error('the watch ended');
    return value;
  };
  const names = (modules: readonly GeneratedModule[]): readonly string[] => modules.map((module) => shortPath(module.source, one.folder));
  const properties = (modules: readonly GeneratedModule[]): unknown => modules[0]?.functions[0]?.definitions?.['T']?.['properties'];

  expect(names(await next())).toEqual(['a.llm.ts', 'b.llm.ts']);

  one.write({ 'types.ts': 'export interface T { a: number }' });
  const retyped = await next();
  expect(names(retyped)).toEqual(['a.llm.ts']);
  expect(properties(retyped)).toEqual({ a: { type: 'number' } });

  one.write({ 'b.llm.ts': 'export declare function b(value: bigint): Promise<string>;' });
  const broken = await next();
  expect(names(broken)).toEqual(['b.llm.ts']);
  expect(broken.map((module) => module.problems.length)).toEqual([1]);

  one.write({ 'b.llm.ts': 'export declare function b(value: boolean): Promise<string>;' });
  expect((await next())[0]?.functions[0]?.parameters[0]?.schema).toEqual({ type: 'boolean' });

  mkdirSync(join(one.folder, 'sub'));
  writeFileSync(join(one.folder, 'sub/c.llm.ts'), 'export declare function c(): Promise<string>;');
  expect(names(await next())).toEqual(['sub/c.llm.ts']);
  // The new folder is watched too, and what has gone is not missed.
  rmSync(join(one.folder, 'a.llm.ts'));
  one.write({ 'sub/c.llm.ts': 'export declare function c(): Promise<number>;' });
  const renewed = await next();
  expect(names(renewed)).toEqual(['sub/c.llm.ts']);
  expect(renewed[0]?.functions[0]?.output).toEqual({ type: 'number' });

  const end = changes.next();
  stop.abort();
  expect(await end).toEqual({ value: undefined, done: true });
});

test('a type that was missing is found when its file comes', async () => {
  using one = project({ 'a.llm.ts': source('a') });
  const stop = new AbortController();
  const changes = watchFunctions({ paths: ['.'], folder: one.folder, signal: stop.signal });
  const { value: first } = await changes.next();
  expect(first?.flatMap(one.problems)).toEqual([
    "a.llm.ts:1:24: a: value: Cannot find module './types.ts' or its corresponding type declarations.",
  ]);
  one.write({ 'types.ts': 'export interface T { a: string }' });
  const { value: second } = await changes.next();
  expect(second?.flatMap(one.problems)).toEqual([]);
  stop.abort();
  await changes.return();
});

test('a change of tsconfig.json makes everything again', async () => {
  const config = (folder: string): string =>
    JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', paths: { '@/*': [`./${folder}/*`] } } });
  using one = project({
    'tsconfig.json': config('one'),
    'one/types.ts': 'export interface T { a: string }',
    'two/types.ts': 'export interface T { b: string }',
    'a.llm.ts': "import type { T } from '@/types';\nexport declare function a(value: T): Promise<string>;\n",
  });
  const stop = new AbortController();
  const changes = watchFunctions({ paths: ['.'], folder: one.folder, signal: stop.signal });
  const required = async (): Promise<unknown> => (await changes.next()).value?.[0]?.functions[0]?.definitions?.['T']?.['required'];
  expect(await required()).toEqual(['a']);
  one.write({ 'tsconfig.json': config('two') });
  expect(await required()).toEqual(['b']);
  stop.abort();
  await changes.return();
});
