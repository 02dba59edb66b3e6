export type { DeclaredClass, DeclaredFunction, DeclaredMember, DeclaredParameter, Declaration } from './declaration.ts';
export type { SourceFile } from './declaration-reader.ts';
export type {
  DeclaredProperty,
  DeclaredType,
  Documentation,
  DocumentationTag,
  NamedType,
  Place,
  Problem,
  ShapeType,
} from './declared-type.ts';
export { findSources, shortPath, type FoundSources } from './find-sources.ts';
export {
  openGenerator,
  staleness,
  type FunctionGenerator,
  type GeneratedModule,
  type GeneratorOptions,
  type Staleness,
} from './function-generator.ts';
export type { ReaderName } from './open-reader.ts';
export { watchFunctions, type WatchOptions } from './watch-functions.ts';
