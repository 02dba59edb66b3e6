import { isJsonObject, LmdeckError, type JsonSchema, type JsonValue } from '../core/index.ts';
import { SchemaDefinitions, standardJsonSchema, type SchemaLike, type StandardSchemaLike } from '../schema/index.ts';
import type { ClassManifest, MemberManifest } from './class-manifest.ts';
import type { FunctionExample, FunctionParameter } from './function-definition.ts';

/** A member of a class, told by schemas. */
export interface MemberSpec {
  /** Default: `method`. */
  readonly kind?: MemberManifest['kind'];
  readonly description?: string;
  /** Schema of an object: its properties are the parameters, in their order. Absent: none. */
  readonly input?: SchemaLike;
  readonly output: SchemaLike;
  readonly outputDescription?: string;
  readonly examples?: readonly FunctionExample[];
}

/** A class, told by schemas. */
export interface ClassSpec {
  readonly name: string;
  readonly description?: string;
  /** Schema of an object: what the model is shown of `this`. Absent: nothing. */
  readonly fields?: SchemaLike;
  readonly members: Readonly<Record<string, MemberSpec>>;
}

/**
 * The manifest of a class or interface, told by schemas: what `lmdeck functions generate` makes of its declaration. Schemas of results also transform.
 *
 * @throws LmdeckError `usage` for `fields` or an `input` that is no object with properties.
 *
 * @example
 * ```ts
 * import { classManifest } from 'lmdeck/functions';
 * import { z } from 'zod';
 *
 * const manifest = classManifest({
 *   name: 'Customer',
 *   fields: z.object({ name: z.string(), birthdate: z.iso.date() }),
 *   members: { age: { kind: 'getter', description: 'Age in the year 2022.', output: z.int() } },
 * });
 * console.log(manifest.fields.map((field) => field.name).join()); // name,birthdate
 * ```
 */
export function classManifest({ name, description, fields, members }: ClassSpec): ClassManifest {
  const definitions = new SchemaDefinitions();
  return {
    name,
    ...(description === undefined ? {} : { description }),
    fields: fields === undefined ? [] : parametersOfObject(fields, `${name}: fields`, definitions),
    members: Object.entries(members).map(([member, spec]) => memberManifest(member, `${name}.${member}`, spec)),
    definitions: definitions.definitions,
  };
}

/** A member as a manifest has it. `place` is named in errors. */
export function memberManifest(name: string, place: string, spec: MemberSpec): MemberManifest {
  const { kind = 'method', description, input, output, outputDescription, examples } = spec;
  const definitions = new SchemaDefinitions();
  return {
    kind,
    definition: {
      name,
      parameters: input === undefined ? [] : parametersOfObject(input, `${place}: input`, definitions),
      output: definitions.add(standardJsonSchema(output), 'Output'),
      definitions: definitions.definitions,
      ...(description === undefined ? {} : { description }),
      ...(outputDescription === undefined ? {} : { outputDescription }),
      ...(examples === undefined ? {} : { examples }),
    },
    ...(isStandard(output) ? { output } : {}),
  };
}

/** Whether a schema is a Standard Schema and not plain JSON Schema. */
export function isStandard(schema: SchemaLike): schema is StandardSchemaLike {
  return '~standard' in schema;
}

/** The properties of an object as parameters; `undefined` for a schema of something else. */
export function objectParameters({ type, properties, required }: JsonSchema): readonly FunctionParameter[] | undefined {
  if (type !== 'object' || !isJsonObject(properties)) return undefined;
  const needed: readonly JsonValue[] = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, property]) => ({
    name,
    schema: isJsonObject(property) ? property : {},
    ...(needed.includes(name) ? {} : { optional: true }),
  }));
}

function parametersOfObject(schema: SchemaLike, place: string, definitions: SchemaDefinitions): readonly FunctionParameter[] {
  const parameters = objectParameters(definitions.add(standardJsonSchema(schema), 'Input'));
  if (parameters !== undefined) return parameters;
  throw new LmdeckError('usage', `${place}: a schema of an object with properties is needed; each property is one.`);
}
