import { isJsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';
import { schemaNotes } from './schema-notes.ts';
import { schemaReference } from './schema-reference.ts';

/** Schemas written as TypeScript writes types. */
export interface TypeNotation {
  /** Named types that they refer to, one declaration each; empty when there are none. */
  readonly declarations: readonly string[];
  /** One for each schema. */
  readonly types: readonly string[];
  /** True when it says more than names and types: descriptions, bounds, hints. */
  readonly hasNotes: boolean;
}

/**
 * JSON Schemas in the notation of TypeScript types, for prompts: a third to a fifth of the schema's length, and models know it well. What TypeScript has
 * no notation for (descriptions, bounds, formats, hints) follows as comments. A definition that is used once stands where it is used.
 *
 * @param schemas references in them must be `#/$defs/NAME` (see {@link SchemaDefinitions}).
 *
 * @example
 * ```ts
 * import { typeNotation } from 'lmdeck/schema';
 *
 * const { types } = typeNotation([
 *   {
 *     type: 'object',
 *     properties: { name: { type: 'string' }, tags: { type: 'array', items: { enum: ['a', 'b'] }, maxItems: 3 } },
 *     required: ['name'],
 *   },
 * ]);
 * console.log(types[0]?.replaceAll('\n', '')); // { name: string tags?: ("a" | "b")[] // at most 3 items}
 * ```
 */
export function typeNotation(schemas: readonly JsonSchema[], definitions: Readonly<Record<string, JsonSchema>> = {}): TypeNotation {
  return new Notation(schemas, definitions).whole();
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/u;

/** Keywords whose value is a map from names to schemas, and those that are values and no schemas. */
const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas']);
const VALUES = new Set(['enum', 'const', 'default', 'examples', '$defs']);

class Notation {
  readonly #schemas: readonly JsonSchema[];
  readonly #definitions: JsonSchema;
  /** How often each definition is referred to; twice at least when it refers to itself. */
  readonly #uses = new Map<string, number>();
  readonly #names = new Map<string, string>();
  readonly #declarations: string[] = [];
  #hasNotes = false;

  constructor(schemas: readonly JsonSchema[], definitions: Readonly<Record<string, JsonSchema>>) {
    this.#schemas = schemas;
    this.#definitions = { $defs: definitions };
    for (const schema of schemas) this.#count(schema, new Set());
  }

  whole(): TypeNotation {
    const types = this.#schemas.map((schema) => this.#type(schema, ''));
    return { declarations: this.#declarations, types, hasNotes: this.#hasNotes };
  }

  #count(schema: JsonValue | undefined, above: ReadonlySet<string>): void {
    if (Array.isArray(schema)) return schema.forEach((item: JsonValue) => this.#count(item, above));
    if (!isJsonObject(schema)) return;
    for (const [keyword, inner] of Object.entries(schema)) {
      if (keyword === '$ref' && typeof inner === 'string') this.#countUse(inner, above);
      else if (MAPS.has(keyword) && isJsonObject(inner)) for (const each of Object.values(inner)) this.#count(each, above);
      else if (!VALUES.has(keyword)) this.#count(inner, above);
    }
  }

  #countUse(pointer: string, above: ReadonlySet<string>): void {
    const before = this.#uses.get(pointer) ?? 0;
    const isOwn = above.has(pointer);
    this.#uses.set(pointer, before + (isOwn ? 2 : 1));
    if (before === 0 && !isOwn) this.#count(schemaReference(this.#definitions, pointer), new Set([...above, pointer]));
  }

  #isNamed(pointer: string): boolean {
    return (this.#uses.get(pointer) ?? 0) > 1;
  }

  /** What stands in place of a reference to a definition that has no name here. */
  #inlined(schema: JsonValue | undefined): JsonValue | undefined {
    if (!isJsonObject(schema) || typeof schema['$ref'] !== 'string' || this.#isNamed(schema['$ref'])) return schema;
    const { $ref, ...own } = schema;
    const target = this.#inlined(schemaReference(this.#definitions, $ref));
    return isJsonObject(target) ? { ...target, ...own } : target;
  }

  #reference(pointer: string): string {
    const target = schemaReference(this.#definitions, pointer);
    const known = this.#names.get(pointer);
    if (known !== undefined) return known;
    const name = this.#unique(pointer.split('/').at(-1) ?? 'Type');
    this.#names.set(pointer, name);
    const notes = isJsonObject(target) ? this.#notes(target) : '';
    const type = target === undefined ? 'any' : this.#type(target, '');
    this.#declarations.push(withComment(`type ${name} = ${type}`, notes));
    return name;
  }

  #unique(wanted: string): string {
    let name = wanted
      .replaceAll(/[^\w$]+/gu, '_')
      .replace(/^_*(?=[A-Za-z])/u, '')
      .replace(/^(?=\d)/u, '_');
    while ([...this.#names.values()].includes(name)) name += '_';
    return name;
  }

  #notes(schema: JsonSchema): string {
    const notes = schemaNotes(schema);
    if (notes !== '') this.#hasNotes = true;
    return notes;
  }

  /** The type, with what there is to say of it behind it in a comment. */
  #noted(value: JsonValue | undefined, indent: string): string {
    const schema = this.#inlined(value);
    const type = this.#type(schema, indent);
    const notes = isJsonObject(schema) ? this.#notes(schema) : '';
    return notes === '' ? type : `${type} /* ${notes.replaceAll('*/', '* /')} */`;
  }

  #type(schema: JsonValue | undefined, indent: string): string {
    if (schema === false) return 'never';
    if (!isJsonObject(schema)) return 'any';
    const { $ref, type, allOf } = schema;
    if (typeof $ref === 'string') return this.#isNamed($ref) ? this.#reference($ref) : this.#type(this.#inlined(schema), indent);
    if (typeof schema['x-type-parameter'] === 'string') return schema['x-type-parameter'];
    if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
    if (Array.isArray(schema['enum'])) return schema['enum'].map((value: JsonValue) => JSON.stringify(value)).join(' | ');
    const branches = schema['anyOf'] ?? schema['oneOf'];
    if (Array.isArray(branches)) return unique(branches.map((branch: JsonValue) => this.#noted(branch, indent))).join(' | ');
    if (Array.isArray(allOf)) return allOf.map((part: JsonValue) => grouped(this.#type(part, indent))).join(' & ');
    if (Array.isArray(type)) return type.map((each: JsonValue) => this.#type({ ...schema, type: each }, indent)).join(' | ');
    switch (type ?? impliedType(schema)) {
      case 'object':
        return this.#object(schema, indent);
      case 'array':
        return this.#array(schema, indent);
      default:
        return typeof type === 'string' ? type : 'any';
    }
  }

  #array(schema: JsonSchema, indent: string): string {
    const { prefixItems, items } = schema;
    const more = items === undefined || items === false ? undefined : `${grouped(this.#noted(items, indent))}[]`;
    if (!Array.isArray(prefixItems)) return more ?? 'any[]';
    const places = prefixItems.map((item: JsonValue) => this.#noted(item, indent));
    return `[${[...places, ...(more === undefined ? [] : [`...${more}`])].join(', ')}]`;
  }

  #object(schema: JsonSchema, indent: string): string {
    const { properties = {}, required, additionalProperties } = schema;
    const needed: readonly JsonValue[] = Array.isArray(required) ? required : [];
    const inner = `${indent} `;
    const lines: string[] = [];
    for (const [name, property] of Object.entries(isJsonObject(properties) ? properties : {})) {
      const key = `${IDENTIFIER.test(name) ? name : JSON.stringify(name)}${needed.includes(name) ? '' : '?'}`;
      lines.push(this.#line(key, property, inner));
    }
    if (isJsonObject(additionalProperties) || (additionalProperties !== false && lines.length === 0))
      lines.push(this.#line(`[key: ${this.#keyType(schema['propertyNames'])}]`, additionalProperties, inner));
    if (lines.length === 0) return '{}';
    return `{\n${lines.map((line) => `${inner}${line}\n`).join('')}${indent}}`;
  }

  #keyType(names: JsonValue | undefined): string {
    return isJsonObject(names) ? this.#noted({ type: 'string', ...names }, '') : 'string';
  }

  #line(key: string, value: JsonValue | undefined, indent: string): string {
    const schema = this.#inlined(value);
    const notes = isJsonObject(schema) ? this.#notes(schema) : '';
    const text = `${key}: ${this.#type(schema, indent)}`;
    return withComment(text, notes);
  }
}

/** A comment stands at the end of the first line: behind what it is about, and before what that consists of. */
function withComment(text: string, notes: string): string {
  if (notes === '') return text;
  const end = text.indexOf('\n');
  return end === -1 ? `${text} // ${notes}` : `${text.slice(0, end)} // ${notes}${text.slice(end)}`;
}

function grouped(type: string): string {
  return /[|&] |\*\/$/u.test(type) && !/^[{[]/u.test(type) ? `(${type})` : type;
}

function unique(types: readonly string[]): readonly string[] {
  return [...new Set(types)];
}

function impliedType(schema: JsonSchema): string | undefined {
  if (schema['properties'] !== undefined || schema['additionalProperties'] !== undefined) return 'object';
  return schema['items'] !== undefined || schema['prefixItems'] !== undefined ? 'array' : undefined;
}
