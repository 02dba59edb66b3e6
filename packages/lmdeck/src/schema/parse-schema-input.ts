import { isJsonObject, LmdeckError, type JsonSchema, type JsonValue } from '../core/index.ts';
import { multiSchema, schemaDsl } from './schema-dsl.ts';

/**
 * A schema as a user types it: JSON text when it begins with a bracket, else the short notation of {@link schemaDsl}.
 * @throws LmdeckError `usage` for text that is neither.
 */
export function parseSchemaInput(text: string, options: { readonly multi?: boolean } = {}): JsonSchema {
  if (text.trim() === '') throw new LmdeckError('usage', 'schema: it is empty. Write fields like: name, age int, bio: a short biography');
  if (!/^\s*[[{]/.test(text)) return schemaDsl(text, options);
  const schema = parse(text);
  return options.multi === true ? multiSchema(schema) : schema;
}

function parse(text: string): JsonSchema {
  try {
    const value: JsonValue = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw new LmdeckError('usage', `schema: this is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  throw new LmdeckError(
    'usage',
    'schema: a JSON Schema must be a JSON object, { … }. Or write fields like: name, age int, bio: a short biography',
  );
}
