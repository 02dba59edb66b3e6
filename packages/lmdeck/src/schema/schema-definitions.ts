import { canonicalJson, isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';
import { schemaReference } from './schema-reference.ts';

/**
 * Gathers the named types of several schemas in one place, so that they can stand together: afterwards every reference in them is
 * `#/$defs/NAME` and `definitions` has what it names. Two types of one name that differ get different names.
 */
export class SchemaDefinitions {
  readonly #definitions = new Map<string, JsonSchema>();
  /** What stood under a name before its references were moved. */
  readonly #origins = new Map<string, string>();

  constructor(definitions: Readonly<Record<string, JsonSchema>> = {}) {
    for (const [name, schema] of Object.entries(definitions)) this.#definitions.set(name, schema);
  }

  get definitions(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#definitions);
  }

  /** The schema without definitions of its own. `name` is given to it where it refers to itself as a whole. */
  add(schema: JsonSchema, name: string): JsonSchema {
    const names = new Map<string, string>();
    const { $defs: _, definitions: __, $schema: ___, ...own } = schema;
    const moved = this.#moved(own, schema, name, names);
    return names.has('#') ? { $ref: `#/$defs/${names.get('#') ?? ''}` } : moved;
  }

  #moved(value: JsonObject, root: JsonSchema, name: string, names: Map<string, string>): JsonObject {
    const moved: Record<string, JsonValue | undefined> = {};
    for (const [key, inner] of Object.entries(value)) {
      moved[key] =
        key === '$ref' && typeof inner === 'string' ? this.#pointer(inner, root, name, names) : this.#inside(inner, root, name, names);
    }
    return moved;
  }

  #inside(value: JsonValue | undefined, root: JsonSchema, name: string, names: Map<string, string>): JsonValue | undefined {
    if (Array.isArray(value)) return value.map((item: JsonValue) => this.#inside(item, root, name, names) ?? null);
    return isJsonObject(value) ? this.#moved(value, root, name, names) : value;
  }

  #pointer(pointer: string, root: JsonSchema, rootName: string, names: Map<string, string>): string {
    const known = names.get(pointer);
    if (known !== undefined) return `#/$defs/${known}`;
    const target = schemaReference(root, pointer);
    // Of the definitions that are here already, or wrong: whoever checks values says so.
    if (!isJsonObject(target)) return pointer;
    const { $defs: _, definitions: __, $schema: ___, ...own } = target;
    const wanted = pointer === '#' ? rootName : (pointer.split('/').at(-1) ?? rootName);
    const name = this.#free(wanted.replaceAll(/[^\w$]+/gu, '_'), canonicalJson([own, pointer === '#' ? '' : referred(own, root)]));
    names.set(pointer, name);
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, own);
      this.#definitions.set(name, this.#moved(own, root, rootName, names));
    }
    return `#/$defs/${name}`;
  }

  #free(wanted: string, origin: string): string {
    for (let n = 1; ; n++) {
      const name = n === 1 ? wanted : `${wanted}${n}`;
      const before = this.#origins.get(name);
      if (before === origin) return name;
      if (before !== undefined || this.#definitions.has(name)) continue;
      this.#origins.set(name, origin);
      return name;
    }
  }
}

/** The definitions of a schema that has any references: equal types of equal name must also refer to equal ones. */
function referred(schema: JsonObject, root: JsonSchema): JsonValue {
  return JSON.stringify(schema).includes('"$ref"') ? [root['$defs'] ?? null, root['definitions'] ?? null] : null;
}
