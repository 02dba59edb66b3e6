import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Class, Comment, Node, Program, TSEnumDeclaration, TSInterfaceDeclaration, TSTypeAliasDeclaration } from 'oxc-parser';
import type { Documentation, Place } from '../declared-type.ts';
import { jsdoc } from './jsdoc.ts';

/** What oxc-parser is used for. */
export interface OxcParser {
  parseSync(
    file: string,
    text: string,
  ): {
    readonly program: Program;
    readonly comments: readonly Comment[];
    readonly errors: readonly { readonly message: string; readonly labels: readonly { readonly start: number }[] }[];
  };
}

/** A declaration of a type, and its file. */
export interface Found {
  readonly source: OxcSource;
  readonly node: TypeDeclaration;
}

export type TypeDeclaration = Class | TSEnumDeclaration | TSInterfaceDeclaration | TSTypeAliasDeclaration;

/** A parsed file: its declarations by name, documentation, places. */
export class OxcSource {
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly errors: readonly { readonly message: string; readonly place: Place }[];
  readonly #comments: readonly Comment[];
  readonly #lineStarts: readonly number[];
  readonly #declared = new Map<string, TypeDeclaration>();
  readonly #imported = new Map<string, { readonly from: string; readonly name: string }>();
  readonly #starts: readonly string[];

  constructor(parser: OxcParser, path: string) {
    this.path = path;
    this.text = readFileSync(path, 'utf8').replace(/^\u{FEFF}/u, '');
    const { program, comments, errors } = parser.parseSync(path, this.text);
    this.program = program;
    this.#comments = comments.filter((comment) => comment.type === 'Block' && comment.value.startsWith('*'));
    this.#lineStarts = [0, ...Array.from(this.text.matchAll(/\r\n|\n|\r/g), (match) => match.index + match[0].length)];
    this.errors = errors.map(({ message, labels }) => ({ message, place: this.place(labels[0]?.start ?? 0) }));
    this.#starts = this.#index();
  }

  /** Declarations by name, imports, and the files that everything is exported from again. */
  #index(): readonly string[] {
    const again: string[] = [];
    for (const statement of this.program.body) {
      const node = statement.type === 'ExportNamedDeclaration' ? (statement.declaration ?? statement) : statement;
      if (node.type === 'TSInterfaceDeclaration' || node.type === 'TSTypeAliasDeclaration' || node.type === 'TSEnumDeclaration')
        this.#declared.set(node.id.name, node);
      else if (node.type === 'ClassDeclaration' && node.id !== null) this.#declared.set(node.id.name, node);
      else if (node.type === 'ExportAllDeclaration') again.push(node.source.value);
      else if (node.type === 'ImportDeclaration') {
        for (const each of node.specifiers)
          if (each.type === 'ImportSpecifier')
            this.#imported.set(each.local.name, { from: node.source.value, name: textOf(each.imported) });
      } else if (node.type === 'ExportNamedDeclaration' && node.source !== null)
        for (const each of node.specifiers)
          this.#imported.set(textOf(each.exported), { from: node.source.value, name: textOf(each.local) });
    }
    return again;
  }

  /** The declaration that a name stands for here; a text when it comes from where it cannot be followed. */
  find(name: string, open: (path: string) => OxcSource): Found | string | undefined {
    const node = this.#declared.get(name);
    if (node !== undefined) return { source: this, node };
    const imported = this.#imported.get(name);
    if (imported !== undefined) {
      const path = this.#resolve(imported.from);
      return path === undefined ? imported.from : (open(path).find(imported.name, open) ?? imported.from);
    }
    for (const from of this.#starts) {
      const path = this.#resolve(from);
      const found = path === undefined ? undefined : open(path).find(name, open);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The file of a relative import. */
  #resolve(specifier: string): string | undefined {
    if (!/^\.\.?(?:\/|$)/.test(specifier)) return undefined;
    const path = resolve(dirname(this.path), specifier);
    const names = [
      path.replace(/\.(m?)jsx?$/, '.$1ts'),
      path.replace(/\.jsx?$/, '.tsx'),
      path,
      `${path}.ts`,
      `${path}.tsx`,
      `${path}.d.ts`,
      `${path}/index.ts`,
    ];
    return names.find((each) => /\.m?tsx?$/.test(each) && existsSync(each));
  }

  /** The documentation that stands before a node. */
  docs(node: Node): Documentation {
    const comment = this.#comments.findLast((each) => each.end <= node.start);
    return comment !== undefined && /^\s*$/.test(this.text.slice(comment.end, node.start)) ? jsdoc(comment.value) : { tags: [] };
  }

  place(at: number): Place {
    const line = this.#lineStarts.findLastIndex((start) => start <= at);
    return { file: this.path, line: line + 1, column: at - (this.#lineStarts[line] ?? 0) + 1 };
  }
}

function textOf(name: { readonly type: string; readonly name?: string; readonly value?: unknown }): string {
  return name.name ?? String(name.value);
}
