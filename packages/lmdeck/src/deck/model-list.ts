import type { Aliases } from './aliases.ts';
import type { ModelInfo } from './plugin.ts';
import type { Prices } from './prices.ts';

export interface ModelSources {
  readonly aliases: Aliases;
  readonly plugins: () => Promise<readonly ModelInfo[]>;
  /** lmdeck's own. */
  readonly own: () => Promise<readonly ModelInfo[]>;
  readonly endpoints: () => Promise<readonly ModelInfo[]>;
  readonly prices: Prices;
}

/** Every model that can be named beforehand, sorted by source as they come; of two with one id the second is a warning. */
export async function collectModels(sources: ModelSources): Promise<readonly ModelInfo[]> {
  const [targets, own, endpoints, plugins] = await Promise.all([
    sources.aliases.list(),
    sources.own(),
    sources.endpoints(),
    sources.plugins(),
  ]);
  const aliases = new Map<string, string[]>();
  for (const alias of Object.keys(targets)) {
    const id = await sources.aliases.resolve(alias);
    aliases.set(id, [...(aliases.get(id) ?? []), alias]);
  }
  const found = new Map<string, ModelInfo>();
  const warnings: ModelInfo[] = [];
  for (const info of [...own, ...endpoints, ...plugins]) {
    const other = found.get(info.id);
    if (info.warning !== undefined) warnings.push(info);
    else if (other !== undefined) warnings.push(clash(info, other));
    else {
      const price = info.price ?? (await sources.prices.of(info.id));
      const names = [...new Set([...info.aliases, ...(aliases.get(info.id) ?? [])])];
      found.set(info.id, { ...info, aliases: names, ...(price === undefined ? {} : { price }) });
    }
  }
  return [...found.values(), ...warnings];
}

function clash({ id, source }: ModelInfo, first: ModelInfo): ModelInfo {
  return {
    id: source,
    aliases: [],
    source,
    warning: `${source} lists the model ${id}, which ${first.source} has already: that one is used.`,
  };
}
