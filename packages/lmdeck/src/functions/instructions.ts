import type { JsonSchema } from '../core/index.ts';
import { schemaNotes, typeNotation } from '../schema/index.ts';
import type { FunctionDefinition } from './function-definition.ts';

/**
 * What the model is told of a function, the same at every call: what it does, and its types in TypeScript's notation. The type of the input only when it
 * says more than the input itself does.
 *
 * @param output the schema of what goes over the wire.
 */
export function instructions(definition: FunctionDefinition, input: JsonSchema, output: JsonSchema): string {
  const { name, description, definitions } = definition;
  const inputNotes = schemaNotes(input);
  const tellsInput = inputNotes !== '' || typeNotation([input], definitions).hasNotes;
  const notation = typeNotation(tellsInput ? [input, output] : [output], definitions);
  const lines = [description === undefined ? name : `${name}: ${description.trim()}`, ...notation.declarations];
  if (tellsInput) lines.push(`Input${inputNotes === '' ? '' : ` (${inputNotes})`}: ${notation.types[0] ?? ''}`);
  const outputNotes = schemaNotes(output);
  lines.push(
    `Output${outputNotes === '' ? '' : ` (${outputNotes})`}: ${notation.types.at(-1) ?? ''}`,
    'Answer with the output as JSON, nothing else.',
  );
  return lines.join('\n');
}
