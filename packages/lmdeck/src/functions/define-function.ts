import type { FunctionDefinition } from './function-definition.ts';
import { makeFunction } from './make-function.ts';
import type { AnyFunction, TypedFunction } from './typed-function.ts';

/**
 * A function of its definition as data: what `lmdeck functions generate` writes, or a person. `F` is its type as declared; one that returns a
 * promise stays as it is, with its type parameters. `Input` are its arguments by name. That the schemas stand for these types is on whoever wrote the
 * definition; arguments and results are checked against the schemas.
 *
 * @example
 * ```ts
 * import { mock } from 'lmdeck';
 * import { defineFunction } from 'lmdeck/functions';
 *
 * const countWords = defineFunction<(text: string) => number, { text: string }>({
 *   name: 'countWords',
 *   description: 'Counts the words of a text.',
 *   parameters: [{ name: 'text', schema: { type: 'string' } }],
 *   output: { type: 'integer', minimum: 0 },
 * });
 * console.log(await countWords(mock({ outputs: ['{"result": 2}'] }))('one two')); // 2
 * ```
 */
export function defineFunction<F extends AnyFunction, Input = Readonly<Record<string, unknown>>, Wire = Awaited<ReturnType<F>>>(
  definition: FunctionDefinition,
): TypedFunction<F, Input, Wire> {
  return makeFunction({ source: { definition }, input: (args) => argumentsByName(definition, args), options: {} });
}

/** Positional arguments by their names; what is `undefined` is absent. */
export function argumentsByName({ parameters }: FunctionDefinition, args: readonly unknown[]): Readonly<Record<string, unknown>> {
  const entries = parameters.map(({ name, rest }, i): [string, unknown] => [name, rest === true ? args.slice(i) : args[i]]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
