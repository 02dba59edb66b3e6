import type { JsonObject, JsonSchema, JsonValue } from '../../core/index.ts';
import type { DocumentationTag } from './declared-type.ts';
import { readLiteral } from './read-literal.ts';

/** What a constraint is about, and what it takes. */
interface Constraint {
  /** The JSON type that it constrains; absent: any. */
  readonly of?: 'string' | 'number' | 'array' | 'object';
  readonly takes: 'count' | 'number' | 'text' | 'flag' | 'value';
  /** Its keyword, where it is not the tag's name. */
  readonly keyword?: string;
}

/** JSDoc tags that say what values are allowed, or hoped for. */
const constraints: Readonly<Record<string, Constraint>> = {
  minLength: { of: 'string', takes: 'count' },
  maxLength: { of: 'string', takes: 'count' },
  pattern: { of: 'string', takes: 'text' },
  format: { of: 'string', takes: 'text' },
  minimum: { of: 'number', takes: 'number' },
  maximum: { of: 'number', takes: 'number' },
  exclusiveMinimum: { of: 'number', takes: 'number' },
  exclusiveMaximum: { of: 'number', takes: 'number' },
  multipleOf: { of: 'number', takes: 'number' },
  integer: { of: 'number', takes: 'flag' },
  minItems: { of: 'array', takes: 'count' },
  maxItems: { of: 'array', takes: 'count' },
  uniqueItems: { of: 'array', takes: 'flag' },
  minProperties: { of: 'object', takes: 'count' },
  maxProperties: { of: 'object', takes: 'count' },
  default: { takes: 'value' },
  hintMinItems: { of: 'array', takes: 'count', keyword: 'hint_min_items' },
  hintMaxItems: { of: 'array', takes: 'count', keyword: 'hint_max_items' },
  hintMinLength: { of: 'string', takes: 'count', keyword: 'hint_min_length' },
  hintMaxLength: { of: 'string', takes: 'count', keyword: 'hint_max_length' },
};

/** True for the tags that {@link withConstraints} reads. */
export function isConstraint(tag: string): boolean {
  return Object.hasOwn(constraints, tag);
}

/**
 * A schema with what the tags demand: `@minimum 1`, `@format email`, `@hintMaxItems 5` (a wish that is not checked).
 * `wrong` is told of tags that do not fit.
 */
export function withConstraints(schema: JsonSchema, tags: readonly DocumentationTag[], wrong: (message: string) => void): JsonSchema {
  const more: Record<string, JsonValue> = {};
  for (const { name, text } of tags) {
    const constraint = Object.hasOwn(constraints, name) ? constraints[name] : undefined;
    if (constraint === undefined) continue;
    const value = valueOf(constraint.takes, text);
    if (value === undefined) wrong(`@${name} ${text}: ${expected[constraint.takes]}`);
    else if (constraint.of !== undefined && !allows(schema, constraint.of))
      wrong(`@${name} is for ${constraint.of}s; this is ${kindOf(schema)}`);
    else if (name === 'integer') more['type'] = asInteger(schema['type']);
    else more[constraint.keyword ?? name] = value;
  }
  return { ...schema, ...more };
}

const expected: Readonly<Record<Constraint['takes'], string>> = {
  count: 'a whole number from 0 on is expected',
  number: 'a number is expected',
  text: 'a text is expected',
  flag: 'nothing is expected after it',
  value: "a value is expected, as JSON or as in TypeScript ('text', [1, 2])",
};

function valueOf(takes: Constraint['takes'], text: string): JsonValue | undefined {
  switch (takes) {
    case 'count':
      return /^\d+$/.test(text) ? Number(text) : undefined;
    case 'number':
      return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined;
    case 'text':
      return text === '' ? undefined : text;
    case 'flag':
      return text === '' ? true : undefined;
    case 'value':
      return readLiteral(text)?.value;
  }
}

/** Whether values of a JSON type fit a schema; of a reference nothing is known. */
function allows(schema: JsonSchema, type: string): boolean {
  if ('$ref' in schema || 'x-type-parameter' in schema || Object.keys(schema).length === 0) return true;
  const { anyOf, enum: values } = schema;
  if (Array.isArray(anyOf)) return anyOf.some((each: JsonObject) => allows(each, type));
  const types = typesOf(schema);
  if (types.length === 0) return Array.isArray(values) && values.some((value) => typeof value === type);
  return types.includes(type) || (type === 'number' && types.includes('integer'));
}

function kindOf(schema: JsonSchema): string {
  return typesOf(schema).join(' or ') || 'of another kind';
}

function typesOf({ type }: JsonSchema): readonly string[] {
  return (Array.isArray(type) ? type : [type]).filter((each: unknown) => typeof each === 'string');
}

function asInteger(type: JsonValue | undefined): JsonValue {
  if (Array.isArray(type)) return type.map((each: JsonValue) => (each === 'number' ? 'integer' : each));
  return 'integer';
}
