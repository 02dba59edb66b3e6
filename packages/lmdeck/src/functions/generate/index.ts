export type { DeclaredClass, DeclaredFunction, DeclaredMember, DeclaredParameter, Declaration } from './declaration.ts';
export type { SourceFile } from './declaration-reader.ts';
export type { Place, Problem } from './declared-type.ts';
export { findSources, generatedFile, shortPath, type FoundSources } from './find-sources.ts';
export {
  FunctionGenerator,
  openGenerator,
  staleness,
  type GeneratedModule,
  type GeneratorOptions,
  type Staleness,
} from './function-generator.ts';
