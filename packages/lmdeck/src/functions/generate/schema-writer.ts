import type { JsonObject, JsonSchema, JsonValue } from '../../core/index.ts';
import { withConstraints } from './constraint-tags.ts';
import type { DeclaredProperty, DeclaredType, Documentation, NamedType, Place, Problem, ShapeType, TupleElement } from './declared-type.ts';

/** More literals than that are worth a name of their own. */
const manyLiterals = 10;

/** Makes schemas from types: those that have a name once, as definitions that others refer to. One writer for one module. */
export class SchemaWriter {
  /** Schemas of named types, by their names. */
  readonly definitions = new Map<string, JsonSchema>();
  readonly #problems: Problem[];
  readonly #names = new Map<NamedType, string>();
  readonly #recursive = new Map<NamedType, boolean>();

  constructor(problems: Problem[]) {
    this.#problems = problems;
  }

  /** The schema of a type, with what its documentation says of it. */
  schema(type: DeclaredType, docs?: Documentation, place?: Place): JsonSchema {
    const schema = this.#bare(type);
    return docs === undefined || place === undefined ? schema : this.#documented(schema, docs, place);
  }

  /** The definitions that schemas need, directly and through others, in the order of their names. */
  needed(schemas: readonly JsonSchema[]): Readonly<Record<string, JsonSchema>> | undefined {
    const found = new Set<string>();
    const look = (value: JsonValue | undefined): void => {
      if (Array.isArray(value)) for (const each of value) look(each);
      else if (typeof value === 'object' && value !== null) {
        for (const [key, each] of Object.entries(value)) {
          if (key !== '$ref' || typeof each !== 'string') look(each);
          else if (!found.has(each)) {
            found.add(each);
            look(this.definitions.get(each.slice(prefix.length)));
          }
        }
      }
    };
    look(schemas);
    if (found.size === 0) return undefined;
    const names = [...found].map((each) => each.slice(prefix.length)).sort();
    return Object.fromEntries(names.map((name) => [name, this.definitions.get(name) ?? {}]));
  }

  /** The type parameters that schemas have in them, or definitions that they need. */
  typeParameters(schemas: readonly JsonSchema[]): ReadonlySet<string> {
    const text = JSON.stringify([schemas, this.needed(schemas)]);
    return new Set(Array.from(text.matchAll(/"x-type-parameter":"([^"]+)"/g), (match) => match[1] ?? ''));
  }

  /** A schema with description and constraints; what an outer declaration says goes before what the type itself says. */
  #documented(schema: JsonSchema, { description, tags }: Documentation, place: Place): JsonSchema {
    const described = description === undefined ? schema : withDescription(schema, description);
    return withConstraints(described, tags, (message) => this.#problems.push({ ...place, message }));
  }

  #bare(type: DeclaredType): JsonSchema {
    switch (type.kind) {
      case 'string':
        return type.pattern === undefined ? { type: 'string' } : { type: 'string', pattern: type.pattern };
      case 'number':
      case 'boolean':
      case 'null':
        return { type: type.kind };
      case 'object':
        return { type: ['object', 'array'] };
      case 'date':
        return { type: 'string', format: 'date-time', 'x-type': 'Date' };
      case 'unknown':
        return {};
      case 'undefined':
        return { not: {} };
      case 'literal':
        return { const: type.value };
      case 'array':
        return { type: 'array', items: this.#bare(type.element) };
      case 'tuple':
        return this.#tuple(type.elements);
      case 'shape':
        return this.#shape(type);
      case 'union':
        return this.#union(type.members);
      case 'parameter':
        return { 'x-type-parameter': type.name };
      case 'named':
        return this.#named(type.to);
    }
  }

  #named(named: NamedType): JsonSchema {
    // `type A = B`: a name for another name.
    const inline = named.type.kind === 'named' || !(isLarge(named.type) || this.#isRecursive(named));
    if (inline) return this.#documented(this.#bare(named.type), named.docs, named.place);
    let name = this.#names.get(named);
    if (name === undefined) {
      name = this.#freeName(named.name);
      this.#names.set(named, name);
      this.definitions.set(name, {});
      this.definitions.set(name, this.#documented(this.#bare(named.type), named.docs, named.place));
    }
    return { $ref: `${prefix}${name}` };
  }

  #freeName(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.definitions.has(name); count++) name = `${wanted}_${count}`;
    return name;
  }

  #isRecursive(named: NamedType): boolean {
    let known = this.#recursive.get(named);
    if (known === undefined) {
      const seen = new Set<NamedType>();
      const leads = (type: DeclaredType): boolean => {
        if (type.kind !== 'named') return inner(type).some(leads);
        if (type.to === named) return true;
        if (seen.has(type.to)) return false;
        seen.add(type.to);
        return leads(type.to.type);
      };
      known = leads(named.type);
      this.#recursive.set(named, known);
    }
    return known;
  }

  #tuple(elements: readonly TupleElement[]): JsonSchema {
    const rest = elements.find((element) => element.rest);
    const fixed = elements.filter((element) => !element.rest);
    const schemas = fixed.map(({ type, name }) => {
      const schema = this.#bare(type);
      return name === undefined || 'description' in schema ? schema : withDescription(schema, name);
    });
    return {
      type: 'array',
      ...(schemas.length === 0 ? {} : { prefixItems: schemas }),
      items: rest === undefined ? false : this.#bare(rest.type),
      minItems: fixed.filter((element) => !element.optional).length,
      ...(rest === undefined ? { maxItems: fixed.length } : {}),
    };
  }

  #shape({ properties, indexes, instanceOf }: ShapeType): JsonSchema {
    const required = properties.filter((property) => !property.optional).map((property) => property.name);
    const patterns = indexes.filter((index) => index.pattern !== undefined);
    const open = indexes.find((index) => index.pattern === undefined);
    const [only] = indexes;
    if (only?.pattern !== undefined && indexes.length === 1 && properties.length === 0)
      return { type: 'object', propertyNames: { pattern: only.pattern }, additionalProperties: this.#bare(only.value) };
    return {
      type: 'object',
      ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties.map((each) => [each.name, this.#property(each)])) }),
      ...(required.length === 0 ? {} : { required }),
      ...(patterns.length === 0
        ? {}
        : { patternProperties: Object.fromEntries(patterns.map((index) => [index.pattern ?? '', this.#bare(index.value)])) }),
      // An instance of a class has more than its public data.
      ...(instanceOf === undefined ? { additionalProperties: open === undefined ? false : this.#bare(open.value) } : {}),
    };
  }

  #property({ type, docs, place }: DeclaredProperty): JsonSchema {
    return this.schema(type, docs, place);
  }

  #union(members: readonly DeclaredType[]): JsonSchema {
    const literals = members.flatMap((member) => (member.kind === 'literal' ? [member] : []));
    const both = literals.filter((literal) => typeof literal.value === 'boolean').length === 2;
    const values = literals.filter((literal) => !both || typeof literal.value !== 'boolean');
    const rest = members.filter((member) => member.kind !== 'literal');
    const isNull = rest.some((member) => member.kind === 'null');
    const others = rest.filter((member) => member.kind !== 'null').map((member) => this.#bare(member));
    if (both) others.push({ type: 'boolean' });
    const simple = others.map(({ type, ...more }) => (typeof type === 'string' && Object.keys(more).length === 0 ? type : undefined));
    const types = simple.filter((type) => type !== undefined);
    const description = labels(values);
    const said = description === undefined ? {} : { description };
    if (others.length === 0) {
      const list: JsonValue[] = [...values.map((literal) => literal.value), ...(isNull ? [null] : [])];
      return list.length === 1 ? { const: list[0] ?? null, ...said } : { enum: list, ...said };
    }
    if (values.length === 0 && types.length === others.length)
      return { type: isNull ? [...types, 'null'] : types.length === 1 ? (types[0] ?? '') : types };
    const options: JsonObject[] = [
      ...(values.length === 0
        ? []
        : [values.length === 1 ? { const: values[0]?.value ?? null } : { enum: values.map((each) => each.value) }]),
      ...(types.length > 1 ? [{ type: types }] : types.map((type) => ({ type }))),
      ...others.filter((_, at) => simple[at] === undefined),
      ...(isNull ? [{ type: 'null' }] : []),
    ];
    const tag = discriminator(members);
    const [option] = options;
    if (options.length === 1 && option !== undefined) return { ...option, ...said };
    return { ...said, ...(tag === undefined ? {} : { description: `Told apart by ${tag}.` }), anyOf: options };
  }
}

const prefix = '#/$defs/';

/** `description` goes behind what says the kind of value. */
function withDescription(schema: JsonSchema, description: string): JsonSchema {
  const { type, const: constant, enum: values, $ref, ...rest } = schema;
  const first = {
    ...(type === undefined ? {} : { type }),
    ...(constant === undefined ? {} : { const: constant }),
    ...(values === undefined ? {} : { enum: values }),
    ...($ref === undefined ? {} : { $ref }),
  };
  return { ...first, ...rest, description };
}

/** What the members of an enum are called and mean, where their values do not say it. */
function labels(literals: readonly Extract<DeclaredType, { kind: 'literal' }>[]): string | undefined {
  const said = literals.flatMap(({ value, label, docs }) => {
    const name = label !== undefined && label !== value ? label : undefined;
    const meaning = [name, docs?.description].filter((part) => part !== undefined).join(' – ');
    return meaning === '' ? [] : [`${value}: ${meaning}`];
  });
  return said.length === 0 ? undefined : said.join('; ');
}

/** The property with another literal in each member. */
function discriminator(members: readonly DeclaredType[]): string | undefined {
  const shapes = members.filter((member) => member.kind !== 'null').map(shapeOf);
  if (shapes.length < 2) return undefined;
  const [first] = shapes;
  return first?.properties
    .map((property) => property.name)
    .find((name) => {
      const values = shapes.map((shape) => {
        const type = shape?.properties.find((property) => property.name === name && !property.optional)?.type;
        return type?.kind === 'literal' ? type.value : undefined;
      });
      return !values.includes(undefined) && new Set(values).size === values.length;
    });
}

function shapeOf(type: DeclaredType): ShapeType | undefined {
  if (type.kind === 'shape') return type;
  return type.kind === 'named' ? shapeOf(type.to.type) : undefined;
}

/** Worth a definition: objects, unions of them, long lists of literals. */
function isLarge(type: DeclaredType): boolean {
  if (type.kind === 'shape') return true;
  if (type.kind !== 'union') return false;
  return (
    type.members.length > manyLiterals ||
    type.members.some((member) => member.kind === 'shape' || (member.kind === 'named' && isLarge(member.to.type)))
  );
}

/** The types that a type is made of. */
function inner(type: DeclaredType): readonly DeclaredType[] {
  switch (type.kind) {
    case 'array':
      return [type.element];
    case 'tuple':
      return type.elements.map((element) => element.type);
    case 'shape':
      return [...type.properties, ...type.indexes.map((index) => ({ type: index.value }))].map((each) => each.type);
    case 'union':
      return type.members;
    default:
      return [];
  }
}
