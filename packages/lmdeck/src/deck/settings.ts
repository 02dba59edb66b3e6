import type { JsonObject, JsonValue, Timeouts } from '../core/index.ts';
import {
  expectFlag,
  expectKeys,
  expectObject,
  expectText,
  expectTexts,
  expectTimeouts,
  isComment,
  type ConfigPath,
} from './config-shape.ts';
import { checked, updateJsonFile, readJsonObject } from './json-file.ts';

/** What a user set for one model. */
export interface ModelSettings {
  /** Default options, below those of a call. */
  readonly options?: JsonObject;
}

/** The content of `config.json`. */
export interface Settings {
  /** Id or alias of the model that is used when none is named. */
  readonly defaultModel?: string;
  /** False keeps calls off the tape; absent means true. */
  readonly logging?: boolean;
  /** Files and folders of plugins, relative to `config.json`. */
  readonly plugins?: readonly string[];
  readonly timeouts?: Timeouts;
  /** By full id. */
  readonly models?: Readonly<Record<string, ModelSettings>>;
}

/** `config.json`: read when it is needed, written as a whole. */
export interface SettingsFile {
  readonly path: string;
  /** @throws LmdeckError `config` naming file, line, column and what is expected there. */
  read(): Promise<Settings>;
  /** Replaces the settings by what `change` makes of them; keys that are comments (`//…`, `$schema`) stay. */
  update(change: (before: Settings) => Settings): Promise<void>;
  /** The default options of a model by its full id. */
  modelOptions(id: string): Promise<JsonObject>;
  setModelOption(id: string, name: string, value: JsonValue): Promise<void>;
  /** Clears one option, or all without a name. False when there was nothing to clear. */
  clearModelOptions(id: string, name?: string): Promise<boolean>;
}

/** The settings in a `config.json`; the file is made by the first change. */
export function openSettings(path: string): SettingsFile {
  const read = (): Settings => checked(readJsonObject(path), settingsOf);
  const update = (change: (before: Settings) => Settings | undefined): Promise<void> =>
    updateJsonFile(path, (source) => {
      const after = change(checked(source, settingsOf));
      if (after === undefined) return undefined;
      const comments = Object.entries(source.value).filter(([key]) => isComment(key));
      return { ...Object.fromEntries(comments), ...asJson(after) };
    });
  return {
    path,
    read: async () => read(),
    update,
    modelOptions: async (id) => optionsOf(read(), id),
    setModelOption: (id, name, value) => update((before) => withOptions(before, id, { ...optionsOf(before, id), [name]: value })),
    clearModelOptions: async (id, name) => {
      let found = false;
      await update((before) => {
        const options = optionsOf(before, id);
        const kept = name === undefined ? {} : Object.fromEntries(Object.entries(options).filter(([each]) => each !== name));
        found = Object.keys(kept).length < Object.keys(options).length;
        return found ? withOptions(before, id, kept) : undefined;
      });
      return found;
    },
  };
}

function optionsOf({ models }: Settings, id: string): JsonObject {
  return (models !== undefined && Object.hasOwn(models, id) ? models[id]?.options : undefined) ?? {};
}

function withOptions({ models = {}, ...rest }: Settings, id: string, options: JsonObject): Settings {
  const others = Object.fromEntries(Object.entries(models).filter(([each]) => each !== id));
  const after = Object.keys(options).length === 0 ? others : { ...others, [id]: { options } };
  return Object.keys(after).length === 0 ? rest : { ...rest, models: after };
}

function asJson({ defaultModel, logging, plugins, timeouts, models }: Settings): JsonObject {
  return {
    defaultModel,
    logging,
    plugins,
    timeouts: timeouts === undefined ? undefined : { ...timeouts },
    models: models === undefined ? undefined : Object.fromEntries(Object.entries(models).map(([id, { options }]) => [id, { options }])),
  };
}

function settingsOf(value: JsonObject): Settings {
  const settings: { -readonly [K in keyof Settings]: Settings[K] } = {};
  for (const [key, each] of expectKeys(value, [], ['defaultModel', 'logging', 'plugins', 'timeouts', 'models'])) {
    switch (key) {
      case 'defaultModel':
        settings.defaultModel = expectText(each, [key], 'the id or alias of a model');
        break;
      case 'logging':
        settings.logging = expectFlag(each, [key]);
        break;
      case 'plugins':
        settings.plugins = expectTexts(each, [key], '["./my-plugin.ts"]');
        break;
      case 'timeouts':
        settings.timeouts = expectTimeouts(each, [key]);
        break;
      case 'models':
        settings.models = modelsOf(each, [key]);
        break;
    }
  }
  return settings;
}

function modelsOf(value: JsonValue, path: ConfigPath): Readonly<Record<string, ModelSettings>> {
  const models: [string, ModelSettings][] = [];
  for (const [id, each] of Object.entries(expectObject(value, path, '{ "openai/gpt-5.6-luna": { "options": { "temperature": 0 } } }'))) {
    if (isComment(id)) continue;
    const at = [...path, id];
    const settings = expectKeys(expectObject(each, at, '{ "options": { "temperature": 0 } }'), at, ['options']);
    models.push([
      id,
      Object.fromEntries(settings.map(([key, options]) => [key, expectObject(options, [...at, key], '{ "temperature": 0 }')])),
    ]);
  }
  return Object.fromEntries(models);
}
