import type { JsonSchema, JsonValue } from '../../core/index.ts';
import { schemaCheck } from '../../schema/index.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import type { Place, Problem } from './declared-type.ts';

/** What does not fit in the examples of a definition: a model would learn it wrong. */
export async function exampleProblems(
  definition: FunctionDefinition,
  definitions: FunctionDefinition['definitions'],
  place: Place,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const { name, parameters, output, examples = [] } = definition;
  const check = async (what: string, schema: JsonSchema, value: JsonValue): Promise<void> => {
    const [first] = (await schemaCheck({ ...schema, $defs: definitions ?? {} }))(value);
    if (first !== undefined) problems.push({ ...place, message: `@example of ${name}: ${what}${first.path.slice(1)}: ${first.message}` });
  };
  for (const { input, output: result } of examples) {
    for (const parameter of parameters) {
      const value = input[parameter.name];
      if (value !== undefined) await check(parameter.name, parameter.schema, value);
      else if (parameter.optional !== true) problems.push({ ...place, message: `@example of ${name} has no ${parameter.name}` });
    }
    await check('result', output, result);
  }
  return problems;
}
