export type { Aliases } from './aliases.ts';
export type { Deck, DeckOptions, PluginCommandInfo } from './deck.ts';
export type { EndpointDefinition, EndpointModel, SecretText } from './endpoint-definition.ts';
export type { DeckEndpoint, Endpoints } from './endpoints.ts';
export type { KeyQuery, Keys } from './keys.ts';
export { openDeck } from './open-deck.ts';
export { deckHome, deckPaths, type DeckPaths } from './paths.ts';
export type { PluginInfo } from './plugin-manifest.ts';
export {
  definePlugin,
  type CommandIo,
  type ModelInfo,
  type ModelProvider,
  type ModelRegistry,
  type Plugin,
  type PluginCommand,
  type PluginDeclaration,
  type PluginHost,
} from './plugin.ts';
export type { ModelSettings, Settings, SettingsFile } from './settings.ts';
