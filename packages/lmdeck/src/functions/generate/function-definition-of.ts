import type { JsonObject, JsonSchema } from '../../core/index.ts';
import type { FunctionDefinition, FunctionExample, FunctionParameter } from '../function-definition.ts';
import { isConstraint } from './constraint-tags.ts';
import type { DeclaredFunction, DeclaredMember, DeclaredParameter } from './declaration.ts';
import type { DeclaredType, Documentation, DocumentationTag, NamedType, Problem, ShapeType } from './declared-type.ts';
import { exampleCall } from './example-tag.ts';
import type { SchemaWriter } from './schema-writer.ts';

/** The definition of a declared function or member, without the named types that its schemas refer to. */
export function functionDefinitionOf(
  declared: DeclaredFunction | DeclaredMember,
  schemas: SchemaWriter,
  problems: Problem[],
): Omit<FunctionDefinition, 'definitions'> {
  const { name, docs, place, parameters, result } = declared;
  const about = docsByParameter(declared, problems);
  const returns = docs.tags.find((tag) => tag.name === 'returns' || tag.name === 'return');
  const said = returns === undefined ? { tags: [] } : inlineTags(returns.text.replace(/^\{[^}]*\}\s*/, '').replace(/^-\s*/, ''));
  const own = docs.tags.filter((tag) => isConstraint(tag.name));
  if (own.length > 0 && declared.kind !== 'getter') {
    const tag = `${own[0]?.name} ${own[0]?.text}`.trim();
    problems.push({ ...place, message: `@${tag} of ${name}: of what? Write it into @param or @returns, as {@${tag}}` });
  }
  const instance = instanceIn(result);
  if (instance?.method !== undefined) {
    const message = `${name} returns ${instance.name}, a class with methods (${instance.method}), but a model gives data: return an interface and make the instance of it`;
    problems.push({ ...place, message });
  }
  const output = schemas.schema(result, { tags: declared.kind === 'getter' ? [...own, ...said.tags] : said.tags }, place);
  const examples = examplesOf(declared, problems);
  return {
    name,
    ...(docs.description === undefined ? {} : { description: docs.description }),
    ...(declared.typeParameters.length === 0 ? {} : { typeParameters: declared.typeParameters }),
    parameters: parameters.map((parameter) => parameterOf(parameter, about.get(parameter.name), schemas)),
    output,
    ...(said.description === undefined ? {} : { outputDescription: said.description }),
    ...(examples.length === 0 ? {} : { examples }),
  };
}

/** The schemas of a definition. */
export function schemasOf({ parameters, output }: Pick<FunctionDefinition, 'parameters' | 'output'>): readonly JsonSchema[] {
  return [...parameters.map((parameter) => parameter.schema), output];
}

function parameterOf(
  { name, type, optional, rest, place }: DeclaredParameter,
  docs: Documentation | undefined,
  schemas: SchemaWriter,
): FunctionParameter {
  const schema = schemas.schema(type, { tags: docs?.tags ?? [] }, place);
  return {
    name,
    ...(docs?.description === undefined ? {} : { description: docs.description }),
    ...(optional ? { optional } : {}),
    ...(rest ? { rest } : {}),
    schema,
  };
}

function docsByParameter(
  { name, docs, place, parameters }: DeclaredFunction | DeclaredMember,
  problems: Problem[],
): ReadonlyMap<string, Documentation> {
  const found = new Map<string, Documentation>();
  for (const { name: tag, text } of docs.tags) {
    if (tag !== 'param' && tag !== 'arg' && tag !== 'argument') continue;
    const [, parameter = '', nested, rest = ''] = /^(?:\{[^}]*\}\s*)?\[?([\w$]+)((?:\.|\[)[^\s]*)?\]?\s*(?:-\s*)?([^]*)$/.exec(text) ?? [];
    if (parameters.every((each) => each.name !== parameter))
      problems.push({
        ...place,
        message: `@param ${parameter}: ${name} has no such parameter (it has ${parameters.map((each) => each.name).join(', ') || 'none'})`,
      });
    else if (nested === undefined || nested === ']') found.set(parameter, inlineTags(rest));
  }
  return found;
}

/** Takes `{@minimum 1}` out of a text. */
function inlineTags(text: string): Documentation {
  const tags: DocumentationTag[] = [];
  const plain = text.replaceAll(/\s*\{@(\w+)\s*([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g, (all, name: string, value: string) => {
    if (!isConstraint(name)) return all;
    tags.push({ name, text: value.trim() });
    return '';
  });
  const description = plain.trim();
  return { ...(description === '' ? {} : { description }), tags };
}

function examplesOf({ name, docs, place, parameters }: DeclaredFunction | DeclaredMember, problems: Problem[]): readonly FunctionExample[] {
  const examples: FunctionExample[] = [];
  for (const { text } of docs.tags.filter((tag) => tag.name === 'example')) {
    const call = exampleCall(text, name);
    if (call === undefined) continue;
    const last = parameters.at(-1);
    if (call === 'broken') {
      problems.push({
        ...place,
        message: `@example of ${name} cannot be read: write ${name}(…values…) // => value, with values as in JSON or TypeScript`,
      });
    } else if (call.args.length > parameters.length && last?.rest !== true) {
      problems.push({ ...place, message: `@example of ${name} has ${call.args.length} arguments, but ${name} takes ${parameters.length}` });
    } else {
      const input: Record<string, JsonObject[string]> = {};
      for (const [at, parameter] of parameters.entries()) {
        if (parameter.rest) input[parameter.name] = call.args.slice(at);
        else if (at < call.args.length) input[parameter.name] = call.args[at];
      }
      examples.push({ input, output: call.output });
    }
  }
  return examples;
}

/** The first instance of a class with methods in a type. */
function instanceIn(type: DeclaredType, seen = new Set<NamedType>()): NonNullable<ShapeType['instanceOf']> | undefined {
  switch (type.kind) {
    case 'array':
      return instanceIn(type.element, seen);
    case 'tuple':
      return first(
        type.elements.map((element) => element.type),
        seen,
      );
    case 'union':
      return first(type.members, seen);
    case 'shape':
      if (type.instanceOf?.method !== undefined) return type.instanceOf;
      return first([...type.properties.map((each) => each.type), ...type.indexes.map((each) => each.value)], seen);
    case 'named':
      if (seen.has(type.to)) return undefined;
      seen.add(type.to);
      return instanceIn(type.to.type, seen);
    default:
      return undefined;
  }
}

function first(types: readonly DeclaredType[], seen: Set<NamedType>): NonNullable<ShapeType['instanceOf']> | undefined {
  for (const type of types) {
    const found = instanceIn(type, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
