import type { DeclaredProperty, DeclaredType, ShapeType } from '../declared-type.ts';

/** The object that a type is, through its names; nothing when it is another. */
export function shapeOf(type: DeclaredType | undefined): ShapeType | undefined {
  if (type?.kind === 'named') return shapeOf(type.to.type);
  return type?.kind === 'shape' ? type : undefined;
}

/** The members of a union, or the type itself, through names. */
function membersOf(type: DeclaredType): readonly DeclaredType[] {
  if (type.kind === 'union') return type.members.flatMap(membersOf);
  if (type.kind === 'named' && type.to.type.kind !== 'shape') return membersOf(type.to.type);
  return [type];
}

/** A union, each member once. */
export function unionOf(members: readonly DeclaredType[]): DeclaredType {
  // As in TypeScript, names of unions are lost in larger ones.
  const flat = members.flatMap((member): readonly DeclaredType[] => {
    const type = member.kind === 'named' ? member.to.type : member;
    return type.kind === 'union' ? type.members : [member];
  });
  const wide = new Set(flat.map((member) => member.kind));
  const unique = flat.filter((member, at) => {
    if (member.kind === 'literal') {
      const same = flat.findIndex((each) => each.kind === 'literal' && each.value === member.value) === at;
      return same && !(wide.has('string') && typeof member.value === 'string') && !(wide.has('number') && typeof member.value === 'number');
    }
    return (
      member.kind === 'shape' ||
      member.kind === 'named' ||
      member.kind === 'array' ||
      member.kind === 'tuple' ||
      flat.findIndex((each) => each.kind === member.kind && nameOf(each) === nameOf(member)) === at
    );
  });
  const [only] = unique;
  return unique.length === 1 && only !== undefined ? only : { kind: 'union', members: unique };
}

/** A type without `undefined`, and whether that was in it. */
export function defined(type: DeclaredType): { readonly type: DeclaredType; readonly optional: boolean } {
  if (type.kind !== 'union') return { type, optional: type.kind === 'undefined' };
  const members = type.members.filter((member) => member.kind !== 'undefined');
  return members.length === type.members.length ? { type, optional: false } : { type: unionOf(members), optional: true };
}

/** The utility types of TypeScript that can be carried out on what is known: nothing when the arguments are not of that kind. */
export function utilityType(name: string, [type, keys]: readonly DeclaredType[]): DeclaredType | undefined {
  const shape = shapeOf(type);
  const names = keys === undefined ? undefined : literals(keys);
  switch (name) {
    case 'Partial':
      return shape === undefined ? undefined : mapped(shape, (property) => ({ ...property, optional: true }));
    case 'Required':
      return shape === undefined ? undefined : mapped(shape, (property) => ({ ...property, optional: false }));
    case 'Readonly':
      return type;
    case 'Pick':
      return shape === undefined || names === undefined
        ? undefined
        : mapped(shape, (property) => (names.includes(property.name) ? property : undefined));
    case 'Omit':
      return shape === undefined || names === undefined
        ? undefined
        : mapped(shape, (property) => (names.includes(property.name) ? undefined : property));
    case 'NonNullable':
      return type === undefined
        ? undefined
        : unionOf(membersOf(type).filter((member) => member.kind !== 'null' && member.kind !== 'undefined'));
    case 'Exclude':
    case 'Extract':
      if (type === undefined || names === undefined) return undefined;
      return unionOf(
        membersOf(type).filter((member) => (member.kind === 'literal' && names.includes(member.value)) === (name === 'Extract')),
      );
    default:
      return undefined;
  }
}

/** Objects merged, the first with a property wins; nothing when one is no object. */
export function intersectionOf(types: readonly DeclaredType[]): DeclaredType | undefined {
  const primitive = types.find((type) => ['string', 'number', 'boolean', 'literal'].includes(type.kind));
  if (primitive !== undefined) return primitive;
  const shapes = types.map(shapeOf).filter((shape) => shape !== undefined);
  if (shapes.length !== types.length) return undefined;
  const properties = new Map<string, DeclaredProperty>();
  for (const property of shapes.flatMap((shape) => shape.properties))
    if (!properties.has(property.name)) properties.set(property.name, property);
  return { kind: 'shape', properties: [...properties.values()], indexes: shapes.flatMap((shape) => shape.indexes) };
}

/** The literals that a type consists of; nothing when it has other members. */
export function literals(type: DeclaredType): readonly (string | number | boolean)[] | undefined {
  const members = membersOf(type);
  const values = members.flatMap((member) => (member.kind === 'literal' ? [member.value] : []));
  return values.length === members.length ? values : undefined;
}

function mapped(shape: ShapeType, change: (property: DeclaredProperty) => DeclaredProperty | undefined): ShapeType {
  return { kind: 'shape', properties: shape.properties.map(change).filter((property) => property !== undefined), indexes: shape.indexes };
}

function nameOf(type: DeclaredType): string | undefined {
  return type.kind === 'parameter' ? type.name : type.kind === 'string' ? type.pattern : undefined;
}
