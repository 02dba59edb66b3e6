import type { LanguageModel, Timeouts } from '../core/index.ts';
import type { ReplayOptions, RetryOptions } from '../middleware/index.ts';
import type { RateLimiter } from '../middleware/limits/index.ts';
import type { Tape } from '../tape/index.ts';
import type { HttpTransport } from '../transport/index.ts';
import type { Aliases } from './aliases.ts';
import type { Endpoints } from './endpoints.ts';
import type { Keys } from './keys.ts';
import type { DeckPaths } from './paths.ts';
import type { PluginInfo } from './plugin-manifest.ts';
import type { ModelInfo, PluginCommand } from './plugin.ts';
import type { SettingsFile } from './settings.ts';

/** How to open a deck; everything has a default. */
export interface DeckOptions {
  /** The configuration directory; see {@link deckHome} for the default. */
  readonly home?: string | undefined;
  /** Instead of `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Plugins are looked for from here upward; `process.cwd()` when absent. */
  readonly cwd?: string | undefined;
  /** Path of the tape, `<home>/tape.db` when absent; `false` for none. */
  readonly tape?: string | false | undefined;
  readonly readOnlyTape?: boolean | undefined;
  /** False: see `mapped` of `openTape`. */
  readonly mappedTape?: boolean | undefined;
  /** Answers from the tape where the same request ended well before. */
  readonly cache?: boolean | undefined;
  /** Answers from the tape only: a request that is not on it is an error `replay-miss`. LMDECK_REPLAY comes before it. */
  readonly replay?: boolean | ReplayOptions | undefined;
  /** False records nothing, true records in any case; absent: as configured (on by default), and no replays. */
  readonly log?: boolean | undefined;
  /** Everything that is sent over HTTP goes through this. */
  readonly transport?: HttpTransport | undefined;
  /** How calls are repeated; `false` for never. */
  readonly retry?: RetryOptions | false | undefined;
  /** False lets every call through at once: for a process that makes one call after the other. */
  readonly limits?: boolean | undefined;
  /** The longest that calls wait because a server asked for it, milliseconds; beyond they fail. Default: 60,000. */
  readonly maxHoldMs?: number | undefined;
  /** Limits of waiting, over those of the configuration. */
  readonly timeouts?: Timeouts | undefined;
  /** Gets what is wrong but stops nothing (a key file that others can read). Default: `process.emitWarning`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A command that a plugin has, known without loading the plugin. */
export interface PluginCommandInfo {
  readonly name: string;
  /** The plugin's name. */
  readonly plugin: string;
  readonly summary?: string;
}

/** One user's models, keys, settings and tape. Nothing is read or opened before it is needed. */
export interface Deck extends AsyncDisposable {
  readonly paths: DeckPaths;
  readonly keys: Keys;
  readonly aliases: Aliases;
  readonly settings: SettingsFile;
  readonly endpoints: Endpoints;

  /**
   * The model of this name: an id (`openai/gpt-5.6-luna`, `<endpoint>/<any name>`), an alias, the end of an id if only one
   * model has it, or a path that a plugin takes (`./x.gguf`); without a name the default model. It has the user's default
   * options and the standard wrappers (see `standardStack`). The same id gives the same object.
   * @throws LmdeckError `unknown-model`, `config`, `plugin`.
   */
  model(name?: string): Promise<LanguageModel>;
  /** The full id behind a name, without making the model. @throws like {@link Deck.model} */
  resolve(name?: string): Promise<string>;
  /** The id of the model that is used when none is named. @throws LmdeckError `config` when there is none; it says how to set one. */
  defaultModel(): Promise<string>;
  /**
   * Every model that can be named beforehand, aliases attached. A plugin or server that fails is an entry with a `warning`.
   * `remote` also asks the servers for theirs; `endpoint` leaves all servers but the one of this name alone.
   */
  models(options?: {
    readonly remote?: boolean | undefined;
    readonly endpoint?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<readonly ModelInfo[]>;

  /**
   * The limiter that the model's calls pass, shared by all that ask its server through this deck: what it knows of the server's limits, who is
   * under way and who waits. `undefined` when nothing limits the model.
   * @throws like {@link Deck.model}
   */
  limiter(name?: string): Promise<RateLimiter | undefined>;

  /** The plugins that were found, with what they declare; `load` also loads each, so that `error` is known. */
  plugins(options?: { readonly load?: boolean | undefined }): Promise<readonly PluginInfo[]>;
  /** The commands of all plugins, without loading those that declare them. */
  pluginCommands(): Promise<readonly PluginCommandInfo[]>;
  /** Loads the plugin that has the command. @throws LmdeckError `usage` when none has, `plugin` when it fails. */
  loadCommand(name: string): Promise<PluginCommand>;

  /**
   * The tape, opened at the first call.
   * @throws LmdeckError `tape` when it cannot be opened, `usage` for a deck without one.
   */
  tape(): Promise<Tape>;
  /**
   * Writes out and closes the tape, unloads models. Can be called again.
   * @throws LmdeckError `tape` when something could not be recorded; everything is closed nevertheless.
   */
  close(): Promise<void>;
}
