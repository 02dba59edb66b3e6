export * from './core/index.ts';
export type { Plugin, ModelInfo, ModelProvider, ModelRegistry, PluginCommand, PluginHost, CommandIo } from './deck/plugin.ts';
