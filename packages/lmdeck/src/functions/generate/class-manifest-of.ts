import type { ClassManifest } from '../class-manifest.ts';
import type { DeclaredClass } from './declaration.ts';
import type { Problem } from './declared-type.ts';
import { functionDefinitionOf, schemasOf } from './function-definition-of.ts';
import type { SchemaWriter } from './schema-writer.ts';

/** The manifest of a declared class or interface. */
export function classManifestOf(declared: DeclaredClass, schemas: SchemaWriter, problems: Problem[]): ClassManifest {
  const { name, docs, fields, typeParameters } = declared;
  const data = fields.map(({ name, type, optional, docs: { description, tags }, place }) => ({
    name,
    ...(description === undefined ? {} : { description }),
    ...(optional ? { optional } : {}),
    schema: schemas.schema(type, { tags }, place),
  }));
  const ofData = schemas.typeParameters(data.map((field) => field.schema));
  const members = declared.members.map((member) => {
    const definition = functionDefinitionOf(member, schemas, problems);
    // Those of the class are found from arguments and fields alike.
    const used = new Set([...schemas.typeParameters(schemasOf(definition)), ...(member.kind === 'static' ? [] : ofData)]);
    const all = [...typeParameters, ...member.typeParameters].filter((each) => used.has(each));
    return { kind: member.kind, definition: all.length === 0 ? definition : { ...definition, typeParameters: all } };
  });
  const definitions = schemas.needed([...data.map((field) => field.schema), ...members.flatMap(({ definition }) => schemasOf(definition))]);
  return {
    name,
    ...(docs.description === undefined ? {} : { description: docs.description }),
    fields: data,
    members,
    ...(definitions === undefined ? {} : { definitions }),
  };
}
