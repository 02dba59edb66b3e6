import type { DeclaredProperty, DeclaredType, Documentation, Place, Problem } from './declared-type.ts';

/** A parameter of a declared function or method. */
export interface DeclaredParameter {
  readonly name: string;
  readonly type: DeclaredType;
  readonly optional: boolean;
  readonly rest: boolean;
  readonly place: Place;
}

/** What can be called, with the type that its promise resolves to. */
export interface DeclaredFunction {
  readonly kind: 'function';
  readonly name: string;
  readonly docs: Documentation;
  readonly place: Place;
  readonly typeParameters: readonly string[];
  readonly parameters: readonly DeclaredParameter[];
  readonly result: DeclaredType;
}

/** A member that a model carries out. */
export interface DeclaredMember extends Omit<DeclaredFunction, 'kind'> {
  readonly kind: 'method' | 'getter' | 'static';
}

/** An abstract class or an interface with members that a model carries out. */
export interface DeclaredClass {
  readonly kind: 'class' | 'interface';
  readonly name: string;
  readonly docs: Documentation;
  readonly place: Place;
  readonly typeParameters: readonly string[];
  /** The data that `this` has. */
  readonly fields: readonly DeclaredProperty[];
  readonly members: readonly DeclaredMember[];
  /** Members without an implementation that no model can carry out: they return nothing, or are marked `@human`. */
  readonly leftOut: readonly string[];
}

export type Declaration = DeclaredFunction | DeclaredClass;

/** What one source file declares. */
export interface SourceDeclarations {
  /** Absolute path. */
  readonly file: string;
  /** Its text as the compiler sees it. */
  readonly text: string;
  /** In the order of the file; only those without problems. */
  readonly declarations: readonly Declaration[];
  readonly problems: readonly Problem[];
  /** Absolute paths of the other files that its types come from, libraries excepted. */
  readonly dependencies: readonly string[];
  /** What relative imports of TypeScript files end with in this project. */
  readonly importSuffix: '.ts' | '.js';
}
