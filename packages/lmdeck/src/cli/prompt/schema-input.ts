import { readFileSync, statSync } from 'node:fs';

import { LmdeckError, type JsonSchema } from '../../core/index.ts';
import { parseSchemaInput } from '../../schema/index.ts';

/**
 * A schema from a command line: JSON, the path of a file with JSON, or the short form `name, age int`.
 *
 * @param multi asks for a list of what the schema describes.
 * @throws LmdeckError `usage`
 */
export function schemaInput(input: string, multi = false): JsonSchema {
  if (!isFile(input)) return parseSchemaInput(input, { multi });
  try {
    return parseSchemaInput(readFileSync(input, 'utf8').trim(), { multi });
  } catch (cause) {
    throw new LmdeckError('usage', `${input}: ${LmdeckError.from(cause).message}`, { cause });
  }
}

function isFile(path: string): boolean {
  return !path.trimStart().startsWith('{') && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
