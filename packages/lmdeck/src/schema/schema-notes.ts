import type { JsonSchema, JsonValue } from '../core/index.ts';

/** Keywords that the notation of types says by itself, or that say nothing about the value. */
const UNTOLD = new Set([
  '$schema', '$id', '$anchor', '$ref', '$defs', '$comment', '$dynamicAnchor', 'definitions', 'title', 'description', 'type', 'enum', 'const',
  'properties', 'required', 'additionalProperties', 'unevaluatedProperties', 'items', 'prefixItems', 'anyOf', 'oneOf', 'allOf', 'readOnly', 'writeOnly', 'deprecated',
  'minItems', 'maxItems', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minProperties', 'maxProperties',
  'hint_min_items', 'hint_max_items', 'hintMinItems', 'hintMaxItems', 'pattern', 'format', 'uniqueItems', 'multipleOf', 'default', 'examples',
  'x-type', 'x-type-parameter', 'discriminator', 'propertyNames',
]); // prettier-ignore

const ITEMS = ['item', 'items'] as const;

/**
 * What a schema says of a value besides its type, in few words: description, bounds, format, hints, and whatever else it has (`x-unit`, `if`, …), as it is
 * written. No line breaks.
 */
export function schemaNotes(schema: JsonSchema, description: JsonValue | undefined = schema['description']): string {
  const notes: string[] = [];
  if (typeof description === 'string' && description.trim() !== '') notes.push(description.trim().replaceAll(/\s+/gu, ' '));
  const { format, pattern, examples } = schema;
  // A tuple shows its length.
  const items = schema['prefixItems'] === undefined ? range(schema['minItems'], schema['maxItems'], ITEMS) : '';
  const hint = range(schema['hint_min_items'] ?? schema['hintMinItems'], schema['hint_max_items'] ?? schema['hintMaxItems'], ITEMS);
  add(notes, items);
  if (hint !== '') notes.push(`preferably ${hint}`);
  add(notes, range(schema['minLength'], schema['maxLength'], ['character', 'characters']));
  add(notes, range(schema['minProperties'], schema['maxProperties'], ['property', 'properties']));
  add(notes, numbers(schema));
  if (typeof format === 'string') notes.push(`format ${format}`);
  else if (typeof pattern === 'string') notes.push(`matches /${pattern}/`);
  if (schema['uniqueItems'] === true) notes.push('no item twice');
  if (schema['multipleOf'] !== undefined) notes.push(`multiple of ${text(schema['multipleOf'])}`);
  if (schema['default'] !== undefined) notes.push(`default ${text(schema['default'])}`);
  if (Array.isArray(examples) && examples.length > 0) notes.push(`e.g. ${examples.map(text).join(', ')}`);
  for (const [keyword, value] of Object.entries(schema)) {
    if (value !== undefined && !UNTOLD.has(keyword))
      notes.push(`${keyword.replace(/^(?:x-|hint_)/u, '').replaceAll('_', ' ')}: ${text(value)}`);
  }
  return notes.join('; ');
}

function add(notes: string[], note: string): void {
  if (note !== '') notes.push(note);
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value.replaceAll(/\s+/gu, ' ') : JSON.stringify(value);
}

function range(least: JsonValue | undefined, most: JsonValue | undefined, [one, many]: readonly [string, string]): string {
  if (least === undefined && most === undefined) return '';
  if (most === undefined) return `at least ${text(least)} ${least === 1 ? one : many}`;
  if (least === undefined) return `at most ${text(most)} ${most === 1 ? one : many}`;
  return least === most ? `${text(least)} ${least === 1 ? one : many}` : `${text(least)} to ${text(most)} ${many}`;
}

function numbers(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = schema;
  // What zod says of every integer is no information.
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (least !== undefined && most !== undefined) return `${text(least)} to ${text(most)}`;
  const parts: string[] = [];
  if (least !== undefined) parts.push(`at least ${text(least)}`);
  if (above !== undefined) parts.push(`more than ${text(above)}`);
  if (most !== undefined) parts.push(`at most ${text(most)}`);
  if (below !== undefined) parts.push(`less than ${text(below)}`);
  return parts.join(', ');
}
