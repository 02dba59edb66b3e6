import { messageText, type Model, type ModelRequest } from '../core/index.ts';
import { anthropicPreset, echo, geminiPreset, mock, presets, type EndpointPreset } from '../models/index.ts';
import type { ModelInfo } from './plugin.ts';

/** The known servers by name. */
export async function builtInPresets(): Promise<ReadonlyMap<string, EndpointPreset>> {
  const all: readonly EndpointPreset[] = [...Object.values<EndpointPreset>(presets), anthropicPreset, geminiPreset];
  return new Map(all.map((preset) => [preset.name, preset]));
}

/** `mock` or `echo`. */
export async function builtInModel(name: string): Promise<Model | undefined> {
  if (name !== 'mock' && name !== 'echo') return undefined;
  return name === 'mock' ? mock({ outputs: [lastText], remembers: 0 }) : echo();
}

export async function builtInInfos(): Promise<readonly ModelInfo[]> {
  const made = await Promise.all(['mock', 'echo'].map(builtInModel));
  return made.flatMap((model) => (model === undefined ? [] : [infoOf(model)]));
}

/** What no plugin can register: ids, and prefixes with a slash. */
export async function reservedNames(): Promise<ReadonlySet<string>> {
  return new Set(['mock', 'echo', ...[...(await builtInPresets()).keys()].map((name) => `${name}/`)]);
}

function infoOf({ id, capabilities, options }: Model): ModelInfo {
  const description =
    id === 'mock' ? 'Says what it was told, word for word: for trials without a server.' : 'Answers with all that it was sent, as JSON.';
  return { id, aliases: [], source: 'lmdeck', description, capabilities, ...(options === undefined ? {} : { options }) };
}

function lastText({ messages }: ModelRequest): string {
  const last = messages.findLast((each) => each.role === 'user');
  return last === undefined ? '' : messageText(last);
}
