/** What the author wrote beside a declaration. */
export interface Documentation {
  readonly description?: string;
  readonly tags: readonly DocumentationTag[];
}

/** One `@name text` of a JSDoc comment. */
export interface DocumentationTag {
  readonly name: string;
  readonly text: string;
}

/** Where something is declared: line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something that cannot be generated, and where. */
export interface Problem extends Place {
  readonly message: string;
}

/** A type as declared, evaluated: aliases, utility types and generics are gone, named types stay by name. */
export type DeclaredType =
  | { readonly kind: 'string'; /** What template literal types allow. */ readonly pattern?: string }
  | { readonly kind: 'number' | 'boolean' | 'null' | 'undefined' | 'unknown' | 'object' | 'date' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly label?: string; readonly docs?: Documentation }
  | { readonly kind: 'array'; readonly element: DeclaredType }
  | { readonly kind: 'tuple'; readonly elements: readonly TupleElement[] }
  | ShapeType
  | { readonly kind: 'union'; readonly members: readonly DeclaredType[] }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'named'; readonly to: NamedType };

/** An object with known properties, or any properties of one type, or both. */
export interface ShapeType {
  readonly kind: 'shape';
  readonly properties: readonly DeclaredProperty[];
  readonly indexes: readonly IndexSignature[];
  /** An instance of a class: it has more than its data, and only its class can make one. */
  readonly instanceOf?: { readonly name: string; readonly method?: string; readonly place: Place };
}

export interface DeclaredProperty {
  readonly name: string;
  readonly type: DeclaredType;
  readonly optional: boolean;
  readonly docs: Documentation;
  readonly place: Place;
}

export interface IndexSignature {
  /** What names may be, as a regular expression; absent: anything. */
  readonly pattern?: string;
  readonly value: DeclaredType;
}

export interface TupleElement {
  readonly type: DeclaredType;
  readonly name?: string;
  readonly optional: boolean;
  readonly rest: boolean;
}

/** An interface, class, alias or enum. `type` is set once it is read, which for recursive types is later. */
export interface NamedType {
  readonly name: string;
  readonly docs: Documentation;
  readonly place: Place;
  type: DeclaredType;
}
