import type { SourceDeclarations } from './declaration.ts';

/** Which declarations of a file count. */
export interface SourceFile {
  /** Absolute path. */
  readonly path: string;
  /** Only what is marked `@llm`, not every declaration. */
  readonly marked: boolean;
}

/** Reads declared functions, classes and interfaces from TypeScript sources. */
export interface DeclarationReader {
  /** `TypeScript 7.0.2`, for messages. */
  readonly name: string;
  /** What the files declare, in their order. Files must be on disk. */
  read(files: readonly SourceFile[]): readonly SourceDeclarations[];
  /** Tells that files have changed, come or gone since the last read. */
  changed(paths: readonly string[]): void;
  close(): void;
}
