import { LmdeckError, type JsonValue } from '../core/index.ts';
import { ConfigMistake } from './config-shape.ts';
import { endpointDefinition, endpointDefinitions, type EndpointDefinition } from './endpoint-definition.ts';
import { readText } from './json-file.ts';
import { parseYaml, readYaml, type ParsedYaml, type Yaml } from './yaml-file.ts';

type Parsed = ParsedYaml<readonly EndpointDefinition[]>;

/** An `endpoints.yaml` and the names that its entries may take as presets. */
export interface EndpointFile {
  readonly path: string;
  readonly presets: readonly string[];
}

/**
 * The endpoints that a YAML text describes.
 * @throws LmdeckError `config` with file, line and column.
 */
export function parseEndpoints({ path, presets }: EndpointFile, text: string): Promise<readonly EndpointDefinition[]> {
  return readYaml(path, text, (content) => definitionsIn(content, presets));
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
  await edit(file, ({ document, value: endpoints }, yaml) => {
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
  await edit(file, ({ document, value: endpoints }, yaml) => {
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
      const parsed = parseYaml(yaml, file.path, text, (content) => definitionsIn(content, file.presets));
      // An empty document has no map yet that an entry could be set in.
      parsed.document.contents ??= parsed.document.createNode({});
      return change(parsed, yaml) === false ? undefined : parsed.document.toString({ lineWidth: 0 });
    },
  );
}

/** An empty file describes no endpoints. */
function definitionsIn(content: JsonValue, presets: readonly string[]): readonly EndpointDefinition[] {
  return content === null ? [] : endpointDefinitions(content, presets);
}
