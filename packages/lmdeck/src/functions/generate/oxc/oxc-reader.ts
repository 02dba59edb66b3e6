import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DeclarationReader, SourceFile } from '../declaration-reader.ts';
import { OxcFileReader } from './oxc-file-reader.ts';
import { OxcSource, type OxcParser } from './oxc-source.ts';

/** A reader that takes types as they are written, or nothing where oxc-parser is not installed. */
export async function oxcReader(folder: string): Promise<DeclarationReader | undefined> {
  for (const base of [join(folder, 'package.json'), import.meta.url]) {
    let path: string;
    try {
      path = createRequire(base).resolve('oxc-parser');
    } catch {
      continue;
    }
    const parser: OxcParser = await import(pathToFileURL(path).href);
    return new OxcReader(parser);
  }
  return undefined;
}

class OxcReader implements DeclarationReader {
  readonly name = 'oxc-parser';
  readonly #parser: OxcParser;
  readonly #sources = new Map<string, OxcSource>();

  constructor(parser: OxcParser) {
    this.#parser = parser;
  }

  read(files: readonly SourceFile[]) {
    const open = (path: string): OxcSource => {
      let source = this.#sources.get(path);
      if (source === undefined) this.#sources.set(path, (source = new OxcSource(this.#parser, path)));
      return source;
    };
    return files.map((file) => new OxcFileReader(file, open).read());
  }

  changed(paths: readonly string[]): void {
    for (const path of paths) this.#sources.delete(path);
  }

  close(): void {
    this.#sources.clear();
  }
}
