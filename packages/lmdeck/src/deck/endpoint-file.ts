import type { Document, LineCounter, Node } from 'yaml';

import { LmdeckError, type JsonValue } from '../core/index.ts';
import { ConfigMistake, type ConfigPath } from './config-shape.ts';
import { endpointDefinition, endpointDefinitions, type EndpointDefinition } from './endpoint-definition.ts';
import { readText } from './json-file.ts';
import { keepParsed, readParsed } from './parsed-file.ts';

type Yaml = typeof import('./yaml.ts');

interface Parsed {
  readonly document: Document;
  readonly content: JsonValue;
  readonly endpoints: readonly EndpointDefinition[];
}

/** An `endpoints.yaml` and the names that its entries may take as presets. */
export interface EndpointFile {
  readonly path: string;
  readonly presets: readonly string[];
}

/**
 * The endpoints that a YAML text describes.
 * @throws LmdeckError `config` with file, line and column.
 */
export async function parseEndpoints(file: EndpointFile, text: string): Promise<readonly EndpointDefinition[]> {
  const kept = readParsed(file.path, text);
  if (kept !== undefined) {
    try {
      return definitionsIn(kept.content, file.presets);
    } catch (error) {
      // The parser knows in which line a mistake is.
      if (!(error instanceof ConfigMistake)) throw error;
    }
  }
  const { content, endpoints } = parse(await import('./yaml.ts'), file, text);
  keepParsed(file.path, text, content);
  return endpoints;
}

/**
 * Adds an endpoint to the file, comments and layout kept.
 * @throws LmdeckError `usage` when there is one of this name, or when the definition is wrong; `config` when the file is.
 */
export async function addEndpoint(file: EndpointFile, definition: EndpointDefinition): Promise<void> {
  const { name, ...rest } = definition;
  const fields: JsonValue = JSON.parse(JSON.stringify(rest));
  try {
    endpointDefinition(fields, [], file.presets, name);
  } catch (error) {
    if (error instanceof ConfigMistake)
      throw new LmdeckError('usage', `The endpoint ${name} cannot be added: ${error.message}`, { cause: error });
    throw error;
  }
  await edit(file, ({ document, endpoints }, yaml) => {
    if (endpoints.some((each) => each.name === name)) {
      throw new LmdeckError('usage', `${file.path} has an endpoint ${name} already. Remove it first, or choose another name.`);
    }
    if (yaml.isSeq(document.contents)) document.contents.add(document.createNode({ name, ...rest }));
    else document.set(name, document.createNode(fields));
  });
}

/** Removes an endpoint from the file, comments and layout kept. False when there was none. */
export async function removeEndpoint(file: EndpointFile, name: string): Promise<boolean> {
  let found = false;
  await edit(file, ({ document, endpoints }, yaml) => {
    const index = endpoints.findIndex((each) => each.name === name);
    found = index >= 0 && document.delete(yaml.isSeq(document.contents) ? index : name);
    return found;
  });
  return found;
}

/** Rewrites the file after a change of its document; not when `change` returns false. */
async function edit(file: EndpointFile, change: (parsed: Parsed, yaml: Yaml) => boolean | void): Promise<void> {
  const [yaml, { updateFile }] = await Promise.all([import('./yaml.ts'), import('./atomic-file.ts')]);
  await updateFile(
    file.path,
    () => readText(file.path) ?? '',
    (text) => {
      const parsed = parse(yaml, file, text);
      // An empty document has no map yet that an entry could be set in.
      parsed.document.contents ??= parsed.document.createNode({});
      return change(parsed, yaml) === false ? undefined : parsed.document.toString({ lineWidth: 0 });
    },
  );
}

function parse(yaml: Yaml, { path, presets }: EndpointFile, text: string): Parsed {
  const lines = new yaml.LineCounter();
  const document: Document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) throw located(path, lines, problem.pos[0], `not valid YAML: ${problem.message}`);
  const content: JsonValue = JSON.parse(JSON.stringify(document.toJS()));
  try {
    return { document, content, endpoints: definitionsIn(content, presets) };
  } catch (error) {
    if (!(error instanceof ConfigMistake)) throw error;
    throw located(path, lines, offsetOf(yaml, document, error.path), error.message);
  }
}

/** An empty file describes no endpoints. */
function definitionsIn(content: JsonValue, presets: readonly string[]): readonly EndpointDefinition[] {
  return content === null ? [] : endpointDefinitions(content, presets);
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
