import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shortPath, staleness } from './index.ts';
import { generated, project } from './test-support/project.ts';

test('a declared function becomes a module: documentation, constraints, named types, examples', async () => {
  const { module, problems } = await generated(
    `
import type { Customer } from './customer.ts';

/**
 * Finds the customer that a query is about.
 *
 * @param database - All customers.
 * @param query - What is looked for {@minLength 1}
 * @returns Its index. {@minimum 0} {@integer}
 * @example
 * findCustomer([{ key: 'a1', born: new Date('1990-05-01'), level: 'gold' }], 'born in 1990') // => 0
 */
export declare function findCustomer(database: Customer[], query: string): Promise<number>;
`,
    {
      'customer.ts': `
/** Who buys from us. */
export interface Customer {
  /** Unique.
   * @pattern ^[a-z]\\d+$ */
  readonly key: string;
  email?: Email;
  born: Date;
  level: 'silver' | 'gold' | 'none';
}
/** @format email */
export type Email = string;
`,
    },
  );
  expect(problems).toEqual([]);
  expect(module.text?.replace(/sha256 [\da-f]{64}/, 'sha256 …')).toMatchInlineSnapshot(`
    "// Made by \`lmdeck functions generate\` from x.llm.ts: change that, and generate again.
    // Sources: x.llm.ts, customer.ts (sha256 …)

    import { defineFunction } from 'lmdeck/functions';
    import type * as declared from './x.llm.ts';

    export type * from './x.llm.ts';

    const types = {
      Customer: {
        type: 'object',
        properties: {
          key: { type: 'string', description: 'Unique.', pattern: '^[a-z]\\\\d+$' },
          email: { type: 'string', format: 'email' },
          born: { type: 'string', format: 'date-time', 'x-type': 'Date' },
          level: { enum: ['silver', 'gold', 'none'] },
        },
        required: ['key', 'born', 'level'],
        additionalProperties: false,
        description: 'Who buys from us.',
      },
    };

    /**
     * Finds the customer that a query is about.
     * @param database - All customers.
     * @param query - What is looked for
     * @returns Its index.
     */
    export const findCustomer = defineFunction<
      typeof declared.findCustomer,
      {
        database: Parameters<typeof declared.findCustomer>[0];
        query: Parameters<typeof declared.findCustomer>[1];
      }
    >({
      name: 'findCustomer',
      description: 'Finds the customer that a query is about.',
      parameters: [
        { name: 'database', description: 'All customers.', schema: { type: 'array', items: { $ref: '#/$defs/Customer' } } },
        { name: 'query', description: 'What is looked for', schema: { type: 'string', minLength: 1 } },
      ],
      output: { type: 'integer', minimum: 0 },
      outputDescription: 'Its index.',
      examples: [
        {
          input: { database: [{ key: 'a1', born: '1990-05-01T00:00:00.000Z', level: 'gold' }], query: 'born in 1990' },
          output: 0,
        },
      ],
      definitions: types,
    });
    "
  `);
});

test('the same sources make the same module, whatever order they are read in', async () => {
  const files = {
    'a.llm.ts': "import type { B } from './b.llm.ts'; export interface A { b: B } export declare function a(x: A): Promise<B>;",
    'b.llm.ts': 'export interface B { z: number; y: string } export declare function b(x: B): Promise<string>;',
  };
  using one = project(files);
  using other = project(files);
  using first = await one.open();
  using second = await other.open();
  const forth = (await one.generate(first)).map((module) => module.text);
  const back = [await other.generate(second, 'b.llm.ts'), await other.generate(second, 'a.llm.ts')].flat().map((module) => module.text);
  expect(forth).toEqual(back.toReversed());
  expect(forth.join()).not.toContain(one.folder);
});

test('abstract classes and interfaces become manifests; what has an implementation, is private or hidden stays out', async () => {
  const { module, problems } = await generated(`
abstract class Base {
  name = 'base';
  /** Says hello. */
  abstract hello(to?: string): Promise<string>;
  abstract save(): Promise<void>;
}
/** A store. */
export abstract class Store<T> extends Base {
  #secret = 1;
  private readonly cache = new Map<string, T>();
  /** @hidden */
  readonly index = new Map<string, T>();
  items: T[] = [];
  constructor(items: T[]) { super(); this.items = items; }
  get size(): number { return this.items.length; }
  /** The mood. @minLength 3 */
  abstract get mood(): Promise<string>;
  abstract best(): Promise<T>;
  /** @human */
  abstract count(): number;
  declare static invent: (count: number) => Promise<string[]>;
  async twice(): Promise<string> { return (await this.hello()).repeat(2); }
}
export interface Judge {
  readonly rules: string;
  judge(text: string): Promise<'good' | 'bad'>;
  readonly verdict: Promise<string>;
}
export interface Data { readonly a: string }
`);
  expect(problems).toEqual([]);
  expect(module.classes).toMatchInlineSnapshot(`
    [
      {
        "description": "A store.",
        "fields": [
          {
            "name": "items",
            "schema": {
              "items": {
                "x-type-parameter": "T",
              },
              "type": "array",
            },
          },
          {
            "name": "size",
            "schema": {
              "type": "number",
            },
          },
          {
            "name": "name",
            "schema": {
              "type": "string",
            },
          },
        ],
        "members": [
          {
            "definition": {
              "description": "The mood.",
              "name": "mood",
              "output": {
                "minLength": 3,
                "type": "string",
              },
              "parameters": [],
              "typeParameters": [
                "T",
              ],
            },
            "kind": "getter",
          },
          {
            "definition": {
              "name": "best",
              "output": {
                "x-type-parameter": "T",
              },
              "parameters": [],
              "typeParameters": [
                "T",
              ],
            },
            "kind": "method",
          },
          {
            "definition": {
              "description": "Says hello.",
              "name": "hello",
              "output": {
                "type": "string",
              },
              "parameters": [
                {
                  "name": "to",
                  "optional": true,
                  "schema": {
                    "type": "string",
                  },
                },
              ],
              "typeParameters": [
                "T",
              ],
            },
            "kind": "method",
          },
          {
            "definition": {
              "name": "invent",
              "output": {
                "items": {
                  "type": "string",
                },
                "type": "array",
              },
              "parameters": [
                {
                  "name": "count",
                  "schema": {
                    "type": "number",
                  },
                },
              ],
            },
            "kind": "static",
          },
        ],
        "name": "Store",
      },
      {
        "fields": [
          {
            "name": "rules",
            "schema": {
              "type": "string",
            },
          },
        ],
        "members": [
          {
            "definition": {
              "name": "judge",
              "output": {
                "enum": [
                  "good",
                  "bad",
                ],
              },
              "parameters": [
                {
                  "name": "text",
                  "schema": {
                    "type": "string",
                  },
                },
              ],
            },
            "kind": "method",
          },
          {
            "definition": {
              "name": "verdict",
              "output": {
                "type": "string",
              },
              "parameters": [],
            },
            "kind": "getter",
          },
        ],
        "name": "Judge",
      },
    ]
  `);
  expect(module.declared.flatMap((each) => (each.kind === 'function' ? [] : [each.leftOut]))).toEqual([['count', 'save'], []]);
});

test('types', async () => {
  const { module, problems } = await generated(`
/** @minimum 0 @maximum 1 */
type Probability = number;
enum Level { Low, /** most */ High = 5 }
interface Node { value: number; children?: Node[] }
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
interface Box<T> { content: T }
type Event = { kind: 'sent'; to: string } | { kind: 'read'; at: Date };
export declare function f(
  probability: Probability,
  level: Level | null,
  node: Node,
  json: Json,
  box: Box<string>,
  other: Box<number> | null,
  event: Event,
  pair: [x: number, y?: number],
  key: \`item-\${number}\`,
  counts: Record<'a' | 'b', number>,
  byNumber: Record<number, string>,
  brand: string & { readonly __brand: 'key' },
  anything: unknown,
  ...rest: readonly Date[]
): boolean;
export declare function g<Item extends object, Result = string>(items: Item[], extra?: Box<Result>): Promise<{ best: Item; result: Result }>;
`);
  expect(problems).toEqual([]);
  const [f, g] = module.functions;
  expect({ ...Object.fromEntries((f?.parameters ?? []).map(({ name, schema }) => [name, schema])), definitions: f?.definitions })
    .toMatchInlineSnapshot(`
      {
        "anything": {},
        "box": {
          "$ref": "#/$defs/Box_string",
        },
        "brand": {
          "type": "string",
        },
        "byNumber": {
          "additionalProperties": {
            "type": "string",
          },
          "propertyNames": {
            "pattern": "^-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?$",
          },
          "type": "object",
        },
        "counts": {
          "additionalProperties": false,
          "properties": {
            "a": {
              "type": "number",
            },
            "b": {
              "type": "number",
            },
          },
          "required": [
            "a",
            "b",
          ],
          "type": "object",
        },
        "definitions": {
          "Box_number": {
            "additionalProperties": false,
            "properties": {
              "content": {
                "type": "number",
              },
            },
            "required": [
              "content",
            ],
            "type": "object",
          },
          "Box_string": {
            "additionalProperties": false,
            "properties": {
              "content": {
                "type": "string",
              },
            },
            "required": [
              "content",
            ],
            "type": "object",
          },
          "Event": {
            "anyOf": [
              {
                "additionalProperties": false,
                "properties": {
                  "kind": {
                    "const": "sent",
                  },
                  "to": {
                    "type": "string",
                  },
                },
                "required": [
                  "kind",
                  "to",
                ],
                "type": "object",
              },
              {
                "additionalProperties": false,
                "properties": {
                  "at": {
                    "format": "date-time",
                    "type": "string",
                    "x-type": "Date",
                  },
                  "kind": {
                    "const": "read",
                  },
                },
                "required": [
                  "kind",
                  "at",
                ],
                "type": "object",
              },
            ],
            "description": "Told apart by kind.",
          },
          "Json": {
            "anyOf": [
              {
                "type": [
                  "string",
                  "number",
                  "boolean",
                ],
              },
              {
                "items": {
                  "$ref": "#/$defs/Json",
                },
                "type": "array",
              },
              {
                "additionalProperties": {
                  "$ref": "#/$defs/Json",
                },
                "type": "object",
              },
              {
                "type": "null",
              },
            ],
          },
          "Node": {
            "additionalProperties": false,
            "properties": {
              "children": {
                "items": {
                  "$ref": "#/$defs/Node",
                },
                "type": "array",
              },
              "value": {
                "type": "number",
              },
            },
            "required": [
              "value",
            ],
            "type": "object",
          },
        },
        "event": {
          "$ref": "#/$defs/Event",
        },
        "json": {
          "$ref": "#/$defs/Json",
        },
        "key": {
          "pattern": "^item--?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?$",
          "type": "string",
        },
        "level": {
          "description": "0: Low; 5: High",
          "enum": [
            0,
            5,
            null,
          ],
        },
        "node": {
          "$ref": "#/$defs/Node",
        },
        "other": {
          "anyOf": [
            {
              "$ref": "#/$defs/Box_number",
            },
            {
              "type": "null",
            },
          ],
        },
        "pair": {
          "items": false,
          "maxItems": 2,
          "minItems": 1,
          "prefixItems": [
            {
              "description": "x",
              "type": "number",
            },
            {
              "description": "y",
              "type": "number",
            },
          ],
          "type": "array",
        },
        "probability": {
          "maximum": 1,
          "minimum": 0,
          "type": "number",
        },
        "rest": {
          "items": {
            "format": "date-time",
            "type": "string",
            "x-type": "Date",
          },
          "type": "array",
        },
      }
    `);
  expect(f?.parameters.at(-1)).toMatchObject({ name: 'rest', rest: true });
  expect(g).toMatchInlineSnapshot(`
    {
      "definitions": {
        "Box_Result": {
          "additionalProperties": false,
          "properties": {
            "content": {
              "x-type-parameter": "Result",
            },
          },
          "required": [
            "content",
          ],
          "type": "object",
        },
      },
      "name": "g",
      "output": {
        "additionalProperties": false,
        "properties": {
          "best": {
            "x-type-parameter": "Item",
          },
          "result": {
            "x-type-parameter": "Result",
          },
        },
        "required": [
          "best",
          "result",
        ],
        "type": "object",
      },
      "parameters": [
        {
          "name": "items",
          "schema": {
            "items": {
              "x-type-parameter": "Item",
            },
            "type": "array",
          },
        },
        {
          "name": "extra",
          "optional": true,
          "schema": {
            "$ref": "#/$defs/Box_Result",
          },
        },
      ],
      "typeParameters": [
        "Item",
        "Result",
      ],
    }
  `);
});

test('what is not JSON is told with place, path and what to use', async () => {
  const { module, problems } = await generated(
    `import type { Deep } from './deep.ts';
export declare function big(n: bigint): Promise<string>;
export declare function map(all: Map<string, number>[]): Promise<Set<string>>;
export declare function call(back: () => void): Promise<string>;
export declare function deep(value: Deep): Promise<symbol>;
export declare function any(value: any): Promise<{}>;
export declare function nothing(value: string): Promise<void>;
export declare function stream(value: string): AsyncIterable<string>;
export declare function bytes(value: Uint8Array): Promise<string | undefined>;
export declare function generic<T>(value: Partial<T>): Promise<T>;
export declare function late<T>(value: T): T;
export declare function over(a: string): Promise<string>;
export declare function over(a: number): Promise<string>;
export declare function pattern({ a }: { a: string }): Promise<string>;
export abstract class C { abstract now(): string; abstract later(): Promise<string>; }
interface Grow<T> { next: Grow<T[]> }
export declare function grow(value: Grow<string>): Promise<string>;
export class Live { x = 1; go(): void {} }
export declare function live(): Promise<Live>;
export declare function lost(value: Missing): Promise<string>;
`,
    { 'deep.ts': 'export interface Deep {\n  inner: { list: { when: RegExp }[] };\n}\n' },
  );
  expect(module.text).toBeUndefined();
  expect(problems).toMatchInlineSnapshot(`
    [
      "deep.ts:2:20: deep: value.inner.list[].when: RegExp is not JSON: use string (with @format regex)",
      "x.llm.ts:2:32: big: n: bigint is not JSON: use number, or string with @pattern for many digits",
      "x.llm.ts:3:34: map: all[]: Map<string, number> is not JSON: use Record<string, …>",
      "x.llm.ts:3:66: map: result: Set<string> is not JSON: use an array (with @uniqueItems)",
      "x.llm.ts:4:36: call: back: () => void is a function, which is not JSON: leave it out, for example with Omit",
      "x.llm.ts:5:52: deep: result: symbol is not JSON: use a string literal",
      "x.llm.ts:6:36: any: value: any is not JSON: name the type, or use unknown for any JSON value",
      "x.llm.ts:6:50: any: result: {} is not JSON: name the properties, or use unknown for any JSON value",
      "x.llm.ts:7:49: nothing: result: void is not JSON: return what the model is to find, for example Promise<string>",
      "x.llm.ts:8:48: stream: result: AsyncIterable<string> is not JSON: return a Promise of the whole; .stream() of the generated function gives it in pieces",
      "x.llm.ts:9:38: bytes: value: Uint8Array<ArrayBufferLike> is not JSON: use string (base64)",
      "x.llm.ts:9:59: bytes: result: undefined is not JSON: use null, or make the property optional",
      "x.llm.ts:10:43: generic: value: Partial<T> depends on a type parameter: only the parameter itself, or types that contain it, can be found at a call",
      "x.llm.ts:11:44: late has type parameters: it must return a Promise",
      "x.llm.ts:12:25: over is overloaded: declare it once, with a union or optional parameters",
      "x.llm.ts:14:33: parameter 1 of pattern is a pattern: give it a name",
      "x.llm.ts:15:36: C.now must return a Promise, since a model answers later (or mark it @human)",
      "x.llm.ts:16:11: Grow refers to itself with ever new type arguments: its schema would have no end",
      "x.llm.ts:19:25: live returns Live, a class with methods (go), but a model gives data: return an interface and make the instance of it",
      "x.llm.ts:20:37: lost: value: Cannot find name 'Missing'.",
    ]
  `);
});

test('names that the module needs itself are refused, its own give way', async () => {
  const source = `export interface T { a: string } export declare function types(a: T): Promise<T>; export declare function declared(): Promise<T>;
export declare function defineFunction(): Promise<string>;`;
  expect((await generated(source)).problems).toEqual([
    'x.llm.ts:2:25: defineFunction is a name that generated modules use themselves: choose another',
  ]);
  const { text } = (await generated(source.split('\n')[0] ?? '')).module;
  expect(text).toContain('const types_ = {');
  expect(text).toContain('typeof declared_.types,');
});

test('comments that do not fit are told', async () => {
  const { problems } = await generated(`
/**
 * @param tex - misspelt
 * @minimum 3
 * @example
 * f('a', 'b') // => 1
 * @example
 * f(a) // => 1
 * @example f('a', 'b') // => 'c'
 * @example f('a') // => 1
 */
export declare function f(text: string, count: Count): Promise<number>;
/** @minLength 3 @maximum many */
type Count = number;
`);
  expect(problems).toMatchInlineSnapshot(`
    [
      "x.llm.ts:12:25: @param tex: f has no such parameter (it has text, count)",
      "x.llm.ts:12:25: @minimum 3 of f: of what? Write it into @param or @returns, as {@minimum 3}",
      "x.llm.ts:12:25: @example of f cannot be read: write f(…values…) // => value, with values as in JSON or TypeScript",
      "x.llm.ts:12:25: @example of f: count: Instance type "string" is invalid. Expected "number".",
      "x.llm.ts:12:25: @example of f: result: Instance type "string" is invalid. Expected "number".",
      "x.llm.ts:12:25: @example of f has no count",
      "x.llm.ts:14:6: @minLength is for strings; this is number",
      "x.llm.ts:14:6: @maximum many: a number is expected",
    ]
  `);
});

test('syntax errors, no strict null checks and files outside the project are told', async () => {
  expect((await generated('export declare function f(: string): Promise<string>;')).problems).toMatchInlineSnapshot(`
    [
      "x.llm.ts:1:27: Parameter declaration expected.",
    ]
  `);
  using loose = project({ 'x.llm.ts': 'export declare function f(a: string): Promise<string>;' }, '{"compilerOptions": {"strict": false}}');
  using generator = await loose.open();
  expect(loose.problems((await loose.generate(generator))[0])).toEqual([
    `x.llm.ts:1:1: "strict" is off in ${loose.folder}/tsconfig.json: null and optional cannot be told from what they are not. Turn strictNullChecks on.`,
  ]);
});

test('Windows line ends, a byte order mark and characters beyond 16 bits change nothing', async () => {
  const source =
    "/**\n * Finds 👍\n * it.\n */\nexport declare function f(a: '👍' | 'b'): Promise<string>;\nexport declare function g(a: bigint): Promise<string>;\n";
  const plain = await generated(source);
  const windows = await generated(`\u{FEFF}${source.replaceAll('\n', '\r\n')}`);
  expect(windows.problems).toEqual(['x.llm.ts:6:30: g: a: bigint is not JSON: use number, or string with @pattern for many digits']);
  expect(windows.problems).toEqual(plain.problems);
  expect(windows.module.functions).toEqual(plain.module.functions);
  const good = source.split('\n').slice(0, 5).join('\n');
  expect((await generated(`\u{FEFF}${good.replaceAll('\n', '\r\n')}`)).module.text).toBe((await generated(good)).module.text);
});

test('a source without a tsconfig.json, and one with path mapping and .js imports', async () => {
  using bare = project({ 'x.llm.ts': 'export declare function f(a?: string | null): Promise<string>;' }, '');
  using first = await bare.open();
  const [alone] = await bare.generate(first);
  expect(alone?.problems).toEqual([]);
  expect(alone?.functions[0]?.parameters).toEqual([{ name: 'a', optional: true, schema: { type: ['string', 'null'] } }]);
  bare.write({ 'x.llm.ts': 'export declare function f(a: boolean): Promise<string>;' });
  first.changed([join(bare.folder, 'x.llm.ts')]);
  expect((await bare.generate(first))[0]?.functions[0]?.parameters).toEqual([{ name: 'a', schema: { type: 'boolean' } }]);
  using mapped = project(
    {
      'src/x.llm.ts': "import type { Shared } from '@/shared';\nexport declare function f(a: Shared): Promise<string>;",
      'lib/shared/index.ts': "export * from './inner.js';",
      'lib/shared/inner.ts': 'export interface Shared { a: string }',
    },
    JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', paths: { '@/*': ['./lib/*/index.ts'] } } }),
  );
  using second = await mapped.open();
  const [module] = await mapped.generate(second);
  expect(mapped.problems(module)).toEqual([]);
  expect(module?.text).toContain("import type * as declared from './x.llm.js';");
  expect(module?.text).toContain('// Sources: x.llm.ts, ../lib/shared/inner.ts (sha256 ');
});

test('in files with other names only what is marked @llm counts, unless the file is named', async () => {
  using one = project({
    'lib.ts':
      '/** @llm */\nexport declare function marked(): Promise<string>;\nexport declare function plain(): Promise<string>;\nexport declare const x: 1;',
    'other.ts': 'export declare function other(): Promise<string>;',
    'wrong.ts': '/** @llm */\nexport interface Wrong { a: string }\n/** @llm */\nexport function done(): void {}',
    'text.ts': "export const help = 'mark it @llm';",
    'node_modules/x/y.llm.ts': 'export declare function hidden(): Promise<string>;',
    'x.llm.ts': 'export declare function named(): Promise<string>;\n/** @human */ export declare function human(): Promise<string>;',
  });
  using generator = await one.open();
  const found = await one.generate(generator);
  expect(found.flatMap((module) => module.functions.map((each) => each.name))).toEqual(['marked', 'named']);
  expect(found.map((module) => shortPath(module.source, one.folder))).toEqual(['lib.ts', 'wrong.ts', 'x.llm.ts']);
  expect(found.flatMap(one.problems)).toEqual([
    'wrong.ts:2:18: Wrong is marked @llm but has no member that returns a Promise',
    'wrong.ts:4:1: done is marked @llm, which goes with `declare function`, abstract classes and interfaces',
  ]);
  expect((await one.generate(generator, 'lib.ts'))[0]?.functions.map((each) => each.name)).toEqual(['marked', 'plain']);
});

test('a module is stale when its source or a type of it changed, or when somebody edited it; not when it was formatted', async () => {
  using one = project({
    'types.ts': 'export interface T { a: string }',
    'x.llm.ts':
      "import type { T } from './types.ts';\nexport declare function f(a: T, b: { 'x y': 'it\\'s'; c: [1, 2] }): Promise<string>;",
  });
  using generator = await one.open();
  const now = async () => {
    const [module] = await one.generate(generator);
    if (module?.text === undefined) throw new Error('nothing was generated');
    return { ...module, text: module.text };
  };
  const first = await now();
  expect(staleness(first)).toBe('missing');
  writeFileSync(first.file, first.text);
  expect(staleness(await now())).toBeUndefined();
  const formatted = first.text
    .replaceAll('\n', '\r\n')
    .replaceAll('  ', '\t')
    .replaceAll(/'(\w+)'/g, '"$1"')
    .replaceAll(/(\w+): \{ type/g, '$1:\n{\ntype')
    .replaceAll(/;\r\n/g, '\r\n');
  writeFileSync(first.file, formatted);
  expect(staleness(await now())).toBeUndefined();
  writeFileSync(first.file, first.text.replace('string', 'number'));
  expect(staleness(await now())).toBe('changed by hand or by another version');
  writeFileSync(first.file, first.text);
  one.write({ 'types.ts': 'export interface T { a: number }' });
  generator.changed([join(one.folder, 'types.ts')]);
  const second = await now();
  expect(staleness(second)).toBe('source changed');
  expect(second.functions[0]?.definitions?.['T']?.['properties']).toEqual({ a: { type: 'number' } });
  rmSync(first.file);
  expect(staleness(await now())).toBe('missing');
  expect(readFileSync(join(one.folder, 'types.ts'), 'utf8')).toContain('number');
});
