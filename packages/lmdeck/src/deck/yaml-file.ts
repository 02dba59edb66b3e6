import type { Document, LineCounter, Node } from 'yaml';

import { LmdeckError, type JsonValue } from '../core/index.ts';
import { ConfigMistake, type ConfigPath } from './config-shape.ts';
import { keepParsed, readParsed } from './parsed-file.ts';

export type Yaml = typeof import('./yaml.ts');

/** A YAML file and what was made of it. */
export interface ParsedYaml<T> {
  readonly document: Document;
  readonly content: JsonValue;
  readonly value: T;
}

/**
 * What `check` makes of the content of a YAML file; an empty file is `null`. The parser is only loaded when the text is a new one.
 * @throws LmdeckError `config` with file, line and column.
 */
export async function readYaml<T>(path: string, text: string, check: (content: JsonValue) => T): Promise<T> {
  const kept = readParsed(path, text);
  if (kept !== undefined) {
    try {
      return check(kept.content);
    } catch (error) {
      // The parser knows in which line a mistake is.
      if (!(error instanceof ConfigMistake)) throw error;
    }
  }
  const { content, value } = parseYaml(await import('./yaml.ts'), path, text, check);
  keepParsed(path, text, content);
  return value;
}

/** @throws LmdeckError `config` with file, line and column. */
export function parseYaml<T>(yaml: Yaml, path: string, text: string, check: (content: JsonValue) => T): ParsedYaml<T> {
  const lines = new yaml.LineCounter();
  const document: Document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) throw located(path, lines, problem.pos[0], `not valid YAML: ${problem.message}`);
  const content: JsonValue = JSON.parse(JSON.stringify(document.toJS()));
  try {
    return { document, content, value: check(content) };
  } catch (error) {
    if (!(error instanceof ConfigMistake)) throw error;
    throw located(path, lines, offsetOf(yaml, document, error.path), error.message);
  }
}

function located(path: string, lines: LineCounter, offset: number, message: string): LmdeckError {
  const { line, col } = lines.linePos(offset);
  return new LmdeckError('config', `${path}:${line}:${col}: ${message}`, { data: { path, line, column: col } });
}

/** Where the key or item under `path` begins, or the nearest thing around it that has a place. */
function offsetOf(yaml: Yaml, document: Document, path: ConfigPath): number {
  let node: unknown = document.contents;
  let offset = start(document.contents) ?? 0;
  for (const step of path) {
    if (yaml.isAlias(node)) node = node.resolve(document);
    if (yaml.isMap(node)) {
      const pair = node.items.find(({ key }) => String(yaml.isScalar(key) ? key.value : key) === String(step));
      offset = (yaml.isNode(pair?.key) ? start(pair.key) : undefined) ?? offset;
      node = pair?.value;
    } else if (yaml.isSeq(node)) {
      node = node.items[Number(step)];
      offset = (yaml.isNode(node) ? start(node) : undefined) ?? offset;
    }
  }
  return offset;
}

function start(node: Node | null): number | undefined {
  return node?.range?.[0];
}
