import { readFileSync, statSync } from 'node:fs';

import { LmdeckError, type JsonSchema } from '../../core/index.ts';
import { parseSchemaInput } from '../../schema/index.ts';
import { withoutMark } from '../io/without-mark.ts';

/**
 * A schema from a command line: JSON, the path of a file with JSON, or the short form `name, age int`.
 *
 * @param multi asks for a list of what the schema describes.
 * @throws LmdeckError `usage`
 */
export function schemaInput(input: string, multi = false): JsonSchema {
  if (!isFile(input)) {
    if (isPath(input)) throw new LmdeckError('usage', `There is no schema file ${input}.`);
    return parseSchemaInput(input, { multi });
  }
  try {
    const text = withoutMark(readFileSync(input, 'utf8')).trim();
    if (input.endsWith('.json') && !text.startsWith('{')) throw new LmdeckError('usage', 'a JSON Schema must be a JSON object, { … }.');
    return parseSchemaInput(text, { multi });
  } catch (cause) {
    throw new LmdeckError('usage', `${input}: ${LmdeckError.from(cause).message}`, { cause });
  }
}

/** What nobody would call a field: `dog.json`, `./schemas/dog`. */
function isPath(input: string): boolean {
  return /^[^\s,:{]+$/.test(input) && (input.includes('/') || input.endsWith('.json'));
}

function isFile(path: string): boolean {
  return !path.trimStart().startsWith('{') && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
