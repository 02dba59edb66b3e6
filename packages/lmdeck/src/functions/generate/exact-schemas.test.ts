/** Schemas accept what types accept: TypeScript itself is asked, for random types and values. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJsonObject, type JsonValue } from '../../core/index.ts';
import { schemaCheck } from '../../schema/index.ts';
import { project } from './test-support/project.ts';

/** A type as text, and values that fit it. */
interface Spec {
  readonly text: string;
  readonly fits: fc.Arbitrary<JsonValue>;
  /** An object whose extra properties TypeScript overlooks in a union. */
  readonly isObject?: boolean;
}

const word = fc.constantFrom('', 'a', 'b c', 'Ω"', "it's");
const number = fc.constantFrom(0, 1, -2.5, 1e21);
const leaf: fc.Arbitrary<Spec> = fc.constantFrom<Spec>(
  { text: 'string', fits: word },
  { text: 'number', fits: number },
  { text: 'boolean', fits: fc.boolean() },
  { text: 'null', fits: fc.constant(null) },
  { text: "'a' | 'b c'", fits: fc.constantFrom('a', 'b c') },
  { text: '0 | -2.5', fits: fc.constantFrom(0, -2.5) },
  { text: 'true', fits: fc.constant(true) },
  {
    text: 'unknown',
    fits: fc.jsonValue({ maxDepth: 1 }).map((value): JsonValue => JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'p'))),
  },
  { text: 'Color', fits: fc.constantFrom('red', 'green') },
  {
    text: 'Tree',
    fits: fc.record({ value: number, children: fc.array(fc.record({ value: number, children: fc.constant([]) }), { maxLength: 2 }) }),
    isObject: true,
  },
  {
    text: 'Shape',
    fits: fc.oneof(
      fc.record({ kind: fc.constant('circle'), radius: number }),
      fc.record({ kind: fc.constant('box'), sides: fc.array(number) }),
    ),
    isObject: true,
  },
);

const { type: types } = fc.letrec<{ type: Spec }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie('type').map((of): Spec => ({ text: `(${of.text})[]`, fits: fc.array(of.fits, { maxLength: 3 }) })),
    tie('type').map((of): Spec => ({
      text: `Record<string, ${of.text}>`,
      fits: fc.dictionary(fc.constantFrom('a', 'b', 'x y'), of.fits),
      isObject: true,
    })),
    fc
      .tuple(tie('type'), tie('type'))
      .map(([a, b]): Spec => ({ text: `[${a.text}, (${b.text})?]`, fits: fc.oneof(fc.tuple(a.fits), fc.tuple(a.fits, b.fits)) })),
    fc.tuple(tie('type'), tie('type')).map(([a, b]): Spec => ({
      text: `readonly [first: ${a.text}, ...rest: (${b.text})[]]`,
      fits: fc.tuple(a.fits, fc.array(b.fits, { maxLength: 2 })).map(([x, y]) => [x, ...y]),
    })),
    fc.tuple(tie('type'), tie('type'), fc.constantFrom('', 'Partial', 'Required', 'Readonly')).map(([a, b, utility]): Spec => {
      const text = `{ a: ${a.text}; b?: ${b.text}; readonly 'c d': 1 }`;
      const requiredKeys: ('a' | 'b' | 'c d')[] = utility === 'Partial' ? [] : utility === 'Required' ? ['a', 'b', 'c d'] : ['a', 'c d'];
      return {
        text: utility === '' ? text : `${utility}<${text}>`,
        fits: fc.record({ a: a.fits, b: b.fits, 'c d': fc.constant(1) }, { requiredKeys }),
        isObject: true,
      };
    }),
    fc.tuple(tie('type'), tie('type')).map(([a, b]): Spec => ({
      text: `Pick<{ a: ${a.text}; b?: ${b.text}; e: 5 }, 'a' | 'b'>`,
      fits: fc.record({ a: a.fits, b: b.fits }, { requiredKeys: ['a'] }),
      isObject: true,
    })),
    tie('type').map((a): Spec => ({
      text: `Omit<{ a: ${a.text}; b: 3 }, 'a'> & { d: ${a.text} }`,
      fits: fc.record({ b: fc.constant(3), d: a.fits }),
      isObject: true,
    })),
    fc
      .tuple(tie('type'), tie('type'))
      .map(([a, b]): Spec =>
        a.isObject === true && b.isObject === true
          ? a
          : { text: `(${a.text}) | (${b.text})`, fits: fc.oneof(a.fits, b.fits), isObject: a.isObject === true || b.isObject === true },
      ),
  ),
}));

/** A value, or one that differs from it somewhere. */
function mutated(value: JsonValue): fc.Arbitrary<JsonValue> {
  const other = fc.constantFrom<JsonValue>('a', 'z', 0, 7, true, null, [], {}, ['a'], { a: 0 }, { kind: 'circle' });
  const inside: fc.Arbitrary<JsonValue>[] = [];
  if (Array.isArray(value)) {
    for (const at of value.keys()) {
      inside.push(mutated(value[at]).map((each) => value.with(at, each)));
      inside.push(fc.constant(value.toSpliced(at, 1)));
    }
    inside.push(other.map((each) => [...value, each]));
  } else if (isJsonObject(value)) {
    for (const [key, each] of Object.entries(value)) {
      if (each !== undefined) inside.push(mutated(each).map((changed) => ({ ...value, [key]: changed })));
      inside.push(fc.constant(Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))));
    }
    inside.push(other.map((each) => ({ ...value, extra: each })));
  }
  return fc.oneof(other, ...inside);
}

const cases = types.chain((type) =>
  fc.record({ type: fc.constant(type), values: fc.array(fc.oneof(type.fits, type.fits.chain(mutated)), { minLength: 6, maxLength: 6 }) }),
);

const declarations = `
export enum Color { Red = 'red', Green = 'green' }
export interface Tree { value: number; children: Tree[] }
export type Shape = { kind: 'circle'; radius: number } | { kind: 'box'; sides: readonly number[] };
`;

/** For each value, whether TypeScript lets it be of its type. Enums are given by their members' values. */
function accepted(
  folder: string,
  source: string,
  values: readonly { readonly type: string; readonly value: JsonValue }[],
): readonly boolean[] {
  const text = values.map(({ type, value }) => `{ const value: ${type} = ${JSON.stringify(value)}; void value; }`);
  const head = "import type { Tree, Shape } from './x.llm.ts'; type Color = 'red' | 'green';";
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  expect(source).toContain('declare function');
  const file = join(folder, 'values.ts');
  process.getBuiltinModule('node:fs').writeFileSync(file, [head, ...text].join('\n'));
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
  const wrong = new Set(Array.from(stdout.matchAll(/^values\.ts\((\d+),|values\.ts\((\d+),/gm), (match) => Number(match[1] ?? match[2])));
  expect(wrong.has(1)).toBe(false);
  return values.map((_, at) => !wrong.has(at + 2));
}

test('a schema accepts exactly the JSON values that its type accepts', async () => {
  const verdicts = { accepted: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(cases, { minLength: 50, maxLength: 50 }), async (list) => {
      const source = declarations + list.map(({ type }, at) => `export declare function f${at}(): Promise<${type.text}>;\n`).join('');
      using one = project({ 'x.llm.ts': source });
      using generator = await one.open('typescript');
      const [module] = await one.generate(generator);
      expect(one.problems(module)).toEqual([]);
      using written = await one.open('oxc');
      const [other] = await one.generate(written);
      expect(one.problems(other)).toEqual([]);
      const values = list.flatMap(({ type, values }, at) => values.map((value) => ({ at, type: type.text, value })));
      const verdict = accepted(one.folder, source, values);
      for (const [i, { at, type, value }] of values.entries()) {
        const definition = module?.functions[at];
        const check = await schemaCheck({ ...definition?.output, $defs: definition?.definitions ?? {} });
        const isAccepted = check(value).length === 0;
        const second = other?.functions[at];
        const isAcceptedByOther = (await schemaCheck({ ...second?.output, $defs: second?.definitions ?? {} }))(value).length === 0;
        expect({ type, value, isAcceptedByOther, schema: second?.output }).toEqual({
          type,
          value,
          isAcceptedByOther: isAccepted,
          schema: second?.output,
        });
        verdicts[isAccepted ? 'accepted' : 'refused'] += 1;
        expect({ type, value, isAccepted, schema: definition?.output }).toEqual({
          type,
          value,
          isAccepted: verdict[i],
          schema: definition?.output,
        });
      }
    }),
    { numRuns: 4, endOnFailure: true },
  );
  // Otherwise nothing was tried.
  expect(verdicts.accepted).toBeGreaterThan(200);
  expect(verdicts.refused).toBeGreaterThan(200);
}, 120_000);
