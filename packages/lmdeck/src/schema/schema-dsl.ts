import { LmdeckError, type JsonObject, type JsonSchema } from '../core/index.ts';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['str', 'string'],
  ['int', 'integer'],
  ['float', 'number'],
  ['bool', 'boolean'],
  ['string', 'string'],
  ['integer', 'integer'],
  ['number', 'number'],
  ['boolean', 'boolean'],
]);

/**
 * The JSON Schema of an object described in short: fields separated by commas, or by line breaks where descriptions have
 * commas of their own; each one `name`, `name type` or `name type: description`. Types: `str` (default), `int`, `float`,
 * `bool`, or JSON Schema's own names. All fields are required. The notation is simonw/llm's.
 *
 * @param options `multi`: the schema of an object with a list `items` of such objects.
 * @throws LmdeckError `usage` for a field without a name, a name given twice, or an unknown type.
 *
 * @example
 * ```ts
 * import { schemaDsl } from 'lmdeck';
 *
 * console.log(JSON.stringify(schemaDsl('name, age int: in years').properties));
 * // {"name":{"type":"string"},"age":{"type":"integer","description":"in years"}}
 * ```
 */
export function schemaDsl(text: string, options: { readonly multi?: boolean } = {}): JsonSchema {
  const properties = new Map<string, JsonObject>();
  const fields = text.includes('\n') ? text.split('\n') : text.split(',');
  for (const field of fields) {
    const trimmed = field.trim();
    if (trimmed === '') continue;
    const [name, schema] = parseField(trimmed);
    if (properties.has(name)) throw wrong(trimmed, `the field "${name}" is there twice`);
    properties.set(name, schema);
  }
  const schema = { type: 'object', properties: Object.fromEntries(properties), required: [...properties.keys()] };
  return options.multi === true ? multiSchema(schema) : schema;
}

/** The schema of an object with a list `items` of what `schema` describes. */
export function multiSchema(schema: JsonSchema): JsonSchema {
  return { type: 'object', properties: { items: { type: 'array', items: schema } }, required: ['items'] };
}

function parseField(field: string): readonly [string, JsonObject] {
  const colon = field.indexOf(':');
  const head = colon === -1 ? field : field.slice(0, colon);
  const description = colon === -1 ? '' : field.slice(colon + 1).trim();
  const [name, type = 'str', ...rest] = head.trim().split(/\s+/u);
  if (name === undefined || name === '') throw wrong(field, 'a field has no name');
  const jsonType = TYPES.get(type);
  if (jsonType === undefined) throw wrong(field, `"${type}" is not a type (str, int, float, bool)`);
  if (rest.length > 0) throw wrong(field, `"${rest.join(' ')}" is too much: descriptions come after a colon`);
  return [name, description === '' ? { type: jsonType } : { type: jsonType, description }];
}

function wrong(field: string, what: string): LmdeckError {
  return new LmdeckError('usage', `schema: ${what}, in ${JSON.stringify(field)}. Write fields like: name, age int, bio: a short biography`);
}
