import type { Capabilities, Model, OptionsSchema, Price } from '../core/index.ts';

/** A model as lists show it: known without loading it. */
export interface ModelInfo {
  /** `openai/gpt-5.6-luna` */
  readonly id: string;
  readonly aliases: readonly string[];
  /** `lmdeck` itself, an endpoint's name or the plugin's name. */
  readonly source: string;
  /** One line: what it is and what it can do. */
  readonly description?: string;
  readonly capabilities?: Capabilities;
  readonly options?: OptionsSchema;
  /** What its tokens cost, where it is known. */
  readonly price?: Price;
  /** Name of the API key it needs, if it needs one. */
  readonly keyName?: string;
  /** Set when `source` could not say what models it has, and why. Such an entry is no model; its id is the source's name. */
  readonly warning?: string;
}

/** A family of models that share a prefix; single ones are made when they are asked for. */
export interface ModelProvider {
  /** Without the slash: `llama` serves `llama/…`. */
  readonly prefix: string;
  /** The model for what follows the slash (or for a path that `claims` took); `undefined` when there is none. */
  resolve(name: string): Model | undefined | Promise<Model | undefined>;
  /** Those that can be named beforehand. */
  list(): readonly ModelInfo[] | Promise<readonly ModelInfo[]>;
  /** True for a name outside the prefix that is this provider's anyway, e.g. `./model.gguf`. */
  claims?(name: string): boolean;
}

/** Where a plugin puts its models. */
export interface ModelRegistry {
  /** @throws LmdeckError `plugin` when the id is taken. */
  register(model: Model, details?: { readonly aliases?: readonly string[]; readonly description?: string }): void;
  registerProvider(provider: ModelProvider): void;
}

/** What a plugin gets to know of the deck it runs in. */
export interface PluginHost {
  /** The configuration directory. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The key stored under a name, or `undefined`. */
  key(name: string): Promise<string | undefined>;
}

/** The streams of the process, injectable for tests. */
export interface CommandIo {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A command that a plugin adds to `lmdeck`. */
export interface PluginCommand {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments: `<file>` must be there, `[file]` may, `[files...]` takes all that is left. */
  readonly arguments?: readonly string[];
  readonly options?: readonly { readonly flags: string; readonly description: string; readonly default?: string | boolean }[];
  /** Shown below `--help`. */
  readonly examples?: readonly string[];
  /** Resolves with the exit code; `undefined` means 0. */
  run(call: {
    readonly args: readonly string[];
    readonly options: Readonly<Record<string, unknown>>;
    readonly io: CommandIo;
    readonly signal: AbortSignal;
  }): Promise<number | undefined | void>;
}

/**
 * The `lmdeck` field of a plugin's package.json: what the plugin has, known without loading it. What is not declared is
 * not found.
 */
export interface PluginDeclaration {
  /** The module that exports `plugin`, relative to the package. */
  readonly plugin: string;
  /** Ids of models, and prefixes of providers with a slash at the end: `["tiny", "llama/"]`. */
  readonly models?: readonly string[];
  /** Names of commands, alone or with the line that help shows. */
  readonly commands?: readonly (string | { readonly name: string; readonly summary: string })[];
  /** Ends of file names that can stand for a model: `[".gguf"]`. */
  readonly extensions?: readonly string[];
  /** A model that works as it comes: used when the user has chosen none and has no key. */
  readonly defaultModel?: string;
}

/**
 * What a plugin module exports under the name `plugin`. A package declares it in its package.json, so that lmdeck knows what it
 * has without loading it:
 *
 * ```json
 * "lmdeck": { "plugin": "./plugin.js", "models": ["llama/", "tiny"], "commands": ["gguf"] }
 * ```
 */
export interface Plugin {
  readonly name: string;
  models?(registry: ModelRegistry, host: PluginHost): void | Promise<void>;
  readonly commands?: readonly PluginCommand[];
}

/**
 * Names the type of a plugin; returns it unchanged.
 *
 * @example
 * ```ts
 * import { definePlugin } from 'lmdeck';
 *
 * export const plugin = definePlugin({
 *   name: 'lmdeck-shout',
 *   models: (registry) =>
 *     registry.register({
 *       id: 'shout',
 *       capabilities: { streaming: true },
 *       async *generate(request) {
 *         for (const part of request.messages.at(-1)?.parts ?? [])
 *           if (part.type === 'text') yield { type: 'text-delta', text: part.text.toUpperCase() };
 *         yield { type: 'finish', reason: 'stop' };
 *       },
 *     }),
 * });
 * console.log(plugin.name); // lmdeck-shout
 * ```
 */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
