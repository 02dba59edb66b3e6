import type { JsonSchema, Model } from '../core/index.ts';
import type { ClassManifest, MemberManifest } from './class-manifest.ts';
import { argumentsByName } from './define-function.ts';
import type { FunctionDefinition, FunctionParameter } from './function-definition.ts';
import type { FunctionOptions } from './function-options.ts';
import { argumentsSchema, type FunctionSource } from './function-source.ts';
import { makeFunction } from './make-function.ts';
import type { AnyFunction, TypedFunction } from './typed-function.ts';

type MemberFunction = TypedFunction<AnyFunction, unknown, unknown>;

/** A method or getter of objects, without a model: the object's data and the arguments go in. */
export function memberFunction(
  manifest: ClassManifest,
  member: MemberManifest,
): (self: object, args: readonly unknown[], model: Model, options: FunctionOptions) => Promise<unknown> {
  const { fields } = manifest;
  const made = makeMember(member, ofClass(manifest, member, fields.length === 0 ? undefined : thisParameter(manifest)), ([input]) => input);
  return (self, args, model, options) => {
    const named = argumentsByName(member.definition, args);
    return made(model, options).explicit(fields.length === 0 ? named : { this: dataOf(self, fields), ...named });
  };
}

/** A static member, without a model. */
export function staticFunction(manifest: ClassManifest, member: MemberManifest): MemberFunction {
  return makeMember(member, ofClass(manifest, member, undefined), (args) => argumentsByName(member.definition, args));
}

function makeMember(
  { output }: MemberManifest,
  definition: FunctionDefinition,
  input: (args: readonly unknown[]) => unknown,
): MemberFunction {
  const source: FunctionSource = { definition, ...(output === undefined ? {} : { output }) };
  return makeFunction({ source, input, options: {} });
}

/** The definition of a member as the model is told of it: with the class it is of, and first what it is shown of the object. */
function ofClass(manifest: ClassManifest, { definition }: MemberManifest, self: FunctionParameter | undefined): FunctionDefinition {
  const { name, description, definitions } = manifest;
  const about = description === undefined || self !== undefined ? undefined : `(${name}: ${description})`;
  const { examples, ...rest } = definition;
  return {
    ...rest,
    name: `${name}.${definition.name}`,
    parameters: self === undefined ? definition.parameters : [self, ...definition.parameters],
    definitions: { ...definitions, ...definition.definitions },
    ...(about === undefined ? {} : { description: [definition.description, about].filter((line) => line !== undefined).join('\n') }),
    ...(examples === undefined ? {} : { examples }),
  };
}

function thisParameter({ name, description, fields }: ClassManifest): FunctionParameter {
  const { additionalProperties: _, ...schema }: JsonSchema = argumentsSchema({ name, parameters: fields, output: {} });
  return { name: 'this', schema, ...(description === undefined ? {} : { description }) };
}

function dataOf(self: object, fields: readonly FunctionParameter[]): Readonly<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  for (const { name } of fields) {
    const value: unknown = Reflect.get(self, name);
    if (value !== undefined) data[name] = value;
  }
  return data;
}
