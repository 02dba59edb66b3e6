import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../test-support/project.ts';

const examples = join(import.meta.dirname, '../../../../../../examples/generated-functions');

const types = `
/** @minimum 0 @maximum 1 */
export type Probability = number;
enum Level { Low, High = 5 }
enum Word { A = 'a', B = 'b' }
interface Base {
  /** From where. */
  from: string
}
/** A tree. */
interface Tree extends Base { value: number; children?: Tree[] }
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
interface Box<T, U = null> { content: T; other: U | undefined }
type Event = { kind: 'sent'; to: string } | { kind: 'read'; at: Date; never?: never };
/**
 * What it does, see {@link Tree}.
 *
 * @param probability - How likely {@multipleOf 0.5}
 * @param {Level | null} level the level
 * @returns {boolean} Whether. @see nothing
 * @example f(1, null) // => true
 */
export declare function f(
  probability: Probability,
  level: Level | null,
  word?: Word,
  tree?: Tree,
  json?: Json,
  box?: Box<string>,
  other?: Box<number, 'x'> | null,
  event?: Event,
  pair?: readonly [x: number, y?: number, ...rest: string[]],
  key?: \`item-\${number}\`,
  counts?: Record<'a' | 'b', number>,
  byNumber?: Record<number, string>,
  brand?: string & { readonly __brand: 'key' },
  anything?: unknown,
  picked?: Pick<Tree, 'value'> & { more: -1 },
  partial?: Partial<Omit<Tree, 'children'>>,
  keys?: keyof Base,
  some?: Exclude<'a' | 'b' | 'c', 'b'>,
  indexed?: Tree['value'],
  ...rest: readonly Date[]
): boolean;
export declare function g<Item extends object, Result = string>(items: Item[], extra?: Box<Result>): Promise<{ best: Item; result: Result }>;
export abstract class Store<T> {
  #secret = 1;
  protected hidden: string = '';
  items: T[] = [];
  constructor(readonly label: string, private readonly secret: string) {}
  get size(): number { return this.items.length; }
  abstract get mood(): Promise<string>;
  abstract best(count?: number): Promise<T>;
  abstract save(): Promise<void>;
  /** @human */
  abstract count(): number;
  declare static invent: (count: number) => Promise<string[]>;
}
export interface Judge { readonly rules: string; judge(text: string): Promise<'good' | 'bad'>; readonly verdict: Promise<string>; later?: Date }
`;

test.for([
  ['every kind of type', { 'x.llm.ts': types }],
  [
    'imports',
    {
      'x.llm.ts': "import { type A as B } from './lib/index.js';\nexport declare function f(a: B): Promise<B['c']>;\n",
      'lib/index.ts': "export * from './a.ts';",
      'lib/a.ts': '/** An A. */\nexport interface A { c: string }',
    },
  ],
  ['customers', { 'x.llm.ts': readFileSync(join(examples, 'customers.llm.ts'), 'utf8') }],
  ['research', { 'x.llm.ts': readFileSync(join(examples, 'research.llm.ts'), 'utf8') }],
] as const)('reads %s as TypeScript does', async ([, files]) => {
  using one = project({ ...files });
  using typescript = await one.open('typescript');
  using oxc = await one.open('oxc');
  expect(oxc.reader).toBe('oxc-parser');
  const [expected] = await one.generate(typescript, 'x.llm.ts');
  const [module] = await one.generate(oxc, 'x.llm.ts');
  expect(one.problems(module)).toEqual([]);
  expect(module?.functions).toEqual(expected?.functions);
  expect(module?.classes).toEqual(expected?.classes);
  expect(module?.dependencies).toEqual(expected?.dependencies);
});

test('what only TypeScript can evaluate is told, with its place', async () => {
  using one = project({
    'x.llm.ts': `import type { Row } from 'some-package';
type Swap<T> = { [K in keyof T]: string };
export declare function far(row: Row): Promise<string>;
export declare function mapped(a: Swap<{ a: 1 }>): Promise<ReturnType<() => string>>;
export declare function big(a: Map<string, bigint>): Promise<string | undefined>;
export declare function fine(a: string): Promise<string>;
`,
    'y.llm.ts': 'export declare function f(: string): void',
  });
  using oxc = await one.open('oxc');
  const [x, y] = await one.generate(oxc);
  expect(one.problems(x)).toMatchInlineSnapshot(`
    [
      "x.llm.ts:2:16: mapped: a: { [K in keyof T]: string } is evaluated by TypeScript 7 only (this is oxc-parser, which sees types as they are written): npm install --save-dev typescript@7",
      "x.llm.ts:3:34: far: row: Row comes from some-package, which only TypeScript 7 can follow: npm install --save-dev typescript@7",
      "x.llm.ts:4:60: mapped: result: ReturnType<() => string> is evaluated by TypeScript 7 only (this is oxc-parser, which sees types as they are written): npm install --save-dev typescript@7",
      "x.llm.ts:4:71: mapped: result: () => string is a function, which is not JSON: leave it out, for example with Omit",
      "x.llm.ts:5:32: big: a: Map<string, bigint> is not JSON: use Record<string, …>",
      "x.llm.ts:5:44: big: a: bigint is not JSON: use number, or string with @pattern for many digits",
      "x.llm.ts:5:62: big: result: undefined is not JSON: use null, or make the property optional",
    ]
  `);
  expect(one.problems(y)).toEqual(['y.llm.ts:1:27: Unexpected token']);
});
