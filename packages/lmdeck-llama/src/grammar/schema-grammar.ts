import { LmdeckError, isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from 'lmdeck/core';
import { BASE_NEEDS, BASE_RULES, FORMATS, literal, series } from './gbnf.ts';
import { integerRange } from './number-range.ts';
import { decimalRange, highest, lowest } from './number-bounds.ts';

/** What to do with a keyword that a grammar cannot hold: fail, or let the value be freer than the schema. */
export type Unsupported = 'throw' | 'ignore';

/** Keywords that say nothing about which values are valid. */
const ANNOTATIONS = new Set([
  '$schema', '$id', '$anchor', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly',
  'contentEncoding', 'contentMediaType', 'contentSchema', 'discriminator', 'example', 'nullable', 'strict',
]); // prettier-ignore

/** Keywords per type; `enum`, `const`, `$ref`, `anyOf`, `oneOf` and `allOf` stand on their own. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'format'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  boolean: [],
  null: [],
};
const COMBINING = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];

/** The engine expands `x{m,n}` into n rules and refuses more than this. */
const MOST_REPETITIONS = 1999;

/**
 * Rules of a GBNF grammar for JSON that follows a schema, on one line with `", "` and `": "`. Every text that it allows is
 * valid, not the other way round: properties come in the order of the schema, only those it names unless it asks for others, numbers
 * have no exponent. (The engine's own converter takes fewer keywords and lets integers end in an exponent and answers in empty
 * lines.)
 */
export class SchemaGrammar {
  readonly #rules = new Map<string, string>();
  readonly #refs = new Map<string, string>();
  readonly #modelId: string;
  #unsupported: Unsupported = 'throw';
  #root: JsonSchema = {};

  /** @param modelId named in errors. */
  constructor(modelId: string) {
    this.#modelId = modelId;
  }

  /**
   * Adds a schema and returns an expression for it.
   * @throws LmdeckError `capability` for keywords that a grammar cannot enforce, `invalid-request` for schemas that are wrong.
   */
  add(schema: JsonSchema, unsupported: Unsupported = 'throw'): string {
    this.#unsupported = unsupported;
    this.#root = schema;
    this.#refs.clear();
    return this.#visit(schema, '#');
  }

  /** Adds a rule of one's own and returns its name. */
  rule(name: string, body: string): string {
    let unique = name.replaceAll(/[^a-zA-Z0-9-]/g, '-');
    while (this.#rules.has(unique) || Object.hasOwn(BASE_RULES, unique)) unique += '-x';
    this.#rules.set(unique, body);
    return unique;
  }

  /** The grammar whose answers follow the expression. */
  text(root: string): string {
    return [`root ::= ${root}`, ...[...this.#rules].map(([name, body]) => `${name} ::= ${body}`)].join('\n');
  }

  #visit(schema: JsonValue | undefined, path: string): string {
    if (schema === true || schema === undefined) return this.#base('value');
    if (!isJsonObject(schema)) throw this.#invalid(path, schema === false ? 'allows nothing' : 'is not a schema');
    if (schema['$ref'] !== undefined) return this.#reference(schema, path);
    if (schema['allOf'] !== undefined) return this.#visit(this.#merged(schema, path), path);
    const alternatives = schema['anyOf'] ?? schema['oneOf'];
    if (alternatives !== undefined) return this.#alternatives(schema, alternatives, path);
    if (schema['const'] !== undefined) return literal(schema['const']);
    if (schema['enum'] !== undefined) return this.#enum(schema, path);
    const type = schema['type'] ?? inferredType(schema);
    if (Array.isArray(type)) return `(${type.map((each: JsonValue) => this.#typed({ ...schema, type: each }, path)).join(' | ')})`;
    return this.#typed(type === undefined ? schema : { ...schema, type }, path);
  }

  #typed(schema: JsonObject, path: string): string {
    const { type } = schema;
    if (type === undefined) {
      this.#check(schema, [], path);
      return this.#base('value');
    }
    const known = typeof type === 'string' ? KEYWORDS[type] : undefined;
    if (known === undefined || typeof type !== 'string') throw this.#invalid(path, `has the unknown type ${JSON.stringify(type)}`);
    this.#check(schema, known, path);
    switch (type) {
      case 'object':
        return this.#object(schema, path);
      case 'array':
        return this.#array(schema, path);
      case 'string':
        return this.#string(schema, path);
      case 'integer':
      case 'number':
        return this.#number(schema, type, path);
      default:
        return this.#base(type);
    }
  }

  /** Refuses keywords that nobody below looks at. Those of another type (`minimum` beside a string) say nothing and may stay. */
  #check(schema: JsonObject, known: readonly string[], path: string): void {
    for (const [keyword, value] of Object.entries(schema)) {
      if (value === undefined || known.includes(keyword) || COMBINING.includes(keyword) || ANNOTATIONS.has(keyword)) continue;
      if (known.length > 0 && Object.values(KEYWORDS).some((each) => each.includes(keyword))) continue;
      this.#refuse(keyword, path);
    }
  }

  #refuse(keyword: string, path: string, why = ''): void {
    if (this.#unsupported === 'ignore') return;
    throw new LmdeckError(
      'capability',
      `${this.#modelId}: the grammar cannot enforce "${keyword}" at ${path}${why}. Take the keyword out of the schema and check the answer yourself.`,
      { data: { keyword, path } },
    );
  }

  #invalid(path: string, what: string): LmdeckError {
    return new LmdeckError('invalid-request', `${this.#modelId}: the schema at ${path} ${what}.`, { data: { path } });
  }

  #base(name: string): string {
    if (!this.#rules.has(name)) {
      this.#rules.set(name, BASE_RULES[name] ?? '');
      for (const needed of BASE_NEEDS[name] ?? []) this.#base(needed);
    }
    return name;
  }

  #reference(schema: JsonObject, path: string): string {
    const pointer = schema['$ref'];
    const target = typeof pointer === 'string' ? this.#resolve(pointer) : undefined;
    if (typeof pointer !== 'string' || target === undefined) {
      throw this.#invalid(path, `refers to ${JSON.stringify(pointer)}, which is not in the schema (only #/… pointers are followed)`);
    }
    const { $ref: _, ...siblings } = schema;
    if (Object.keys(siblings).some((keyword) => !ANNOTATIONS.has(keyword))) {
      if (!isJsonObject(target)) throw this.#invalid(path, `cannot be joined with ${pointer}`);
      return this.#visit(this.#join(target, siblings, path), path);
    }
    const known = this.#refs.get(pointer);
    if (known !== undefined) return known;
    const name = this.rule(pointer === '#' ? 'whole' : (pointer.split('/').at(-1) ?? 'part'), '');
    this.#refs.set(pointer, name);
    this.#rules.set(name, this.#visit(target, pointer));
    return name;
  }

  #resolve(pointer: string): JsonValue | undefined {
    if (pointer !== '#' && !pointer.startsWith('#/')) return undefined;
    let target: JsonValue | undefined = this.#root;
    for (const step of pointer.split('/').slice(1)) {
      const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(target)) target = target[Number(key)];
      else if (isJsonObject(target)) target = target[key];
      else return undefined;
    }
    return target;
  }

  #alternatives(schema: JsonObject, branches: JsonValue, path: string): string {
    const keyword = schema['anyOf'] === undefined ? 'oneOf' : 'anyOf';
    if (!Array.isArray(branches) || branches.length === 0) throw this.#invalid(path, `has a "${keyword}" without branches`);
    const { [keyword]: _, ...rest } = schema;
    const shared = Object.keys(rest).some((key) => !ANNOTATIONS.has(key));
    const expressions = branches.map((branch: JsonValue, i) => {
      const place = `${path}/${keyword}/${i}`;
      return this.#visit(shared && isJsonObject(branch) ? this.#join(rest, branch, place) : branch, place);
    });
    return `(${expressions.join(' | ')})`;
  }

  #merged(schema: JsonObject, path: string): JsonObject {
    const { allOf, ...rest } = schema;
    if (!Array.isArray(allOf)) throw this.#invalid(path, 'has an "allOf" that is not a list');
    let merged: JsonObject = rest;
    for (const part of allOf) {
      const pointer = isJsonObject(part) ? part['$ref'] : undefined;
      const target = typeof pointer === 'string' ? this.#resolve(pointer) : part;
      if (!isJsonObject(target)) throw this.#invalid(path, 'has an "allOf" part that is not a schema');
      merged = this.#join(merged, target, path);
    }
    return merged;
  }

  /** Both at once. Properties and required names are united; any other keyword may stand on one side only. */
  #join(a: JsonObject, b: JsonObject, path: string): JsonObject {
    const joined: Record<string, JsonValue | undefined> = { ...a };
    for (const [key, value] of Object.entries(b)) {
      const before = joined[key];
      if (before === undefined || ANNOTATIONS.has(key)) joined[key] = value;
      else if (key === 'properties' && isJsonObject(before) && isJsonObject(value)) joined[key] = { ...before, ...value };
      else if (key === 'required' && Array.isArray(before) && Array.isArray(value))
        joined[key] = [...new Set<JsonValue>([...before, ...value])];
      else if (JSON.stringify(before) !== JSON.stringify(value)) {
        this.#refuse(key, path, ' (it is given twice, by parts that are joined)');
        joined[key] = value;
      }
    }
    return joined;
  }

  #enum(schema: JsonObject, path: string): string {
    const values = schema['enum'];
    if (!Array.isArray(values) || values.length === 0) throw this.#invalid(path, 'has an "enum" without values');
    return `(${values.map(literal).join(' | ')})`;
  }

  #object(schema: JsonObject, path: string): string {
    const { properties = {}, additionalProperties } = schema;
    if (!isJsonObject(properties)) throw this.#invalid(path, 'has "properties" that are not an object');
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
    const entries = Object.entries(properties).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
    for (const name of required) {
      if (typeof name === 'string' && !Object.hasOwn(properties, name)) entries.push([name, true]);
    }
    if (entries.length === 0 && additionalProperties === undefined) return this.#base('object');
    const more =
      additionalProperties === undefined || additionalProperties === false
        ? undefined
        : `${this.#base('string')} ": " ${this.#visit(additionalProperties, `${path}/additionalProperties`)}`;
    // Two chains from the last property to the first: what may follow when nothing, or something, stands before it.
    let first = more === undefined ? '' : `(${more} (", " ${more})*)?`;
    let next = more === undefined ? '' : `(", " ${more})*`;
    for (const [name, value] of entries.toReversed()) {
      const pair = this.rule('property', `${literal(name)} ": " ${this.#visit(value, `${path}/properties/${name}`)}`);
      const following = next === '' ? '' : ` ${this.rule('rest', next)}`;
      if (required.has(name)) first = `${pair}${following}`;
      else first = first === '' ? `(${pair}${following})?` : `(${pair}${following} | ${this.rule('first', first)})`;
      next = required.has(name) ? `", " ${pair}${following}` : `(", " ${pair})?${following}`;
    }
    return this.rule('object', `"{" ${first} "}"`);
  }

  #array(schema: JsonObject, path: string): string {
    const { items, prefixItems = [], minItems = 0, maxItems } = schema;
    if (!Array.isArray(prefixItems)) throw this.#invalid(path, 'has "prefixItems" that are not a list');
    const least = this.#count(minItems, 'minItems', path) ?? 0;
    const fixed = prefixItems.map((each: JsonValue, i) => this.#visit(each, `${path}/prefixItems/${i}`));
    // Beyond the fixed places: none when the schema says nothing about more and none are needed.
    const open = items !== false && (items !== undefined || fixed.length === 0 || least > fixed.length);
    const most = this.#count(maxItems, 'maxItems', path);
    const limit = Math.min(most ?? Number.POSITIVE_INFINITY, open ? Number.POSITIVE_INFINITY : fixed.length);
    if (least > limit) throw this.#invalid(path, 'asks for more items than it allows');
    const item = open ? this.rule('item', this.#visit(items, `${path}/items`)) : '';
    const parts = fixed.slice(0, limit === Number.POSITIVE_INFINITY ? undefined : limit);
    let tail = '';
    if (open && limit > parts.length) {
      const from = Math.max(0, least - parts.length);
      const to = limit === Number.POSITIVE_INFINITY ? '' : limit - parts.length;
      tail = parts.length > 0 ? `(", " ${item}){${from},${to}}` : series(item, from, to);
    }
    let body = tail;
    for (let i = parts.length - 1; i >= 0; i--) {
      const inner = `${i === 0 ? '' : '", " '}${parts[i] ?? ''} ${body}`.trim();
      body = i >= least ? `(${inner})?` : inner;
    }
    return this.rule('array', `"[" ${body} "]"`);
  }

  #string(schema: JsonObject, path: string): string {
    const { format, minLength, maxLength } = schema;
    const least = this.#count(minLength, 'minLength', path) ?? 0;
    const most = this.#count(maxLength, 'maxLength', path);
    if (typeof format === 'string' && FORMATS[format] !== undefined && least === 0 && most === undefined)
      return this.rule(format, FORMATS[format]);
    if (least === 0 && most === undefined) return this.#base('string');
    if (most !== undefined && least > most) throw this.#invalid(path, 'asks for a longer string than it allows');
    return this.rule('text', `"\\"" ${this.#base('char')}{${least},${most ?? ''}} "\\""`);
  }

  #count(value: JsonValue | undefined, keyword: string, path: string): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw this.#invalid(path, `has a "${keyword}" that is not a count`);
    if (value <= MOST_REPETITIONS) return value;
    this.#refuse(keyword, path, ` (${value}; at most ${MOST_REPETITIONS})`);
    return keyword.startsWith('min') ? 0 : undefined;
  }

  #number(schema: JsonObject, type: 'integer' | 'number', path: string): string {
    const low = lowest(schema);
    const high = highest(schema);
    if (low === undefined && high === undefined) return this.#base(type);
    if (type === 'integer') {
      const minimum = low === undefined ? undefined : low.open && Number.isInteger(low.value) ? low.value + 1 : Math.ceil(low.value);
      const maximum = high === undefined ? undefined : high.open && Number.isInteger(high.value) ? high.value - 1 : Math.floor(high.value);
      const expression = integerRange({ minimum, maximum });
      if (expression === undefined) throw this.#invalid(path, 'allows no number');
      return this.rule('range', expression);
    }
    const expression = decimalRange(low, high);
    if (expression !== undefined) return this.rule('range', expression);
    this.#refuse(low === undefined ? 'maximum' : 'minimum', path, ' (of a number, only whole bounds from 0 up are)');
    return this.#base('number');
  }
}

function inferredType(schema: JsonObject): string | undefined {
  if (schema['properties'] !== undefined || schema['required'] !== undefined) return 'object';
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return 'array';
  return undefined;
}
