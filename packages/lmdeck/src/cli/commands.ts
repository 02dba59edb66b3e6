import type { Command, CommandGroup } from './args/command.ts';

/** A command as the root knows it: its file is loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly hidden?: boolean;
  load(): Promise<Command | CommandGroup>;
}

/** Every built-in command, in the order of the help. */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: 'prompt',
    summary: 'Ask a model (the default command)',
    load: async () => (await import('./commands/prompt.ts')).promptCommand,
  },
  { name: 'chat', summary: 'Talk with a model', load: async () => (await import('./commands/chat.ts')).chatCommand },
  {
    name: 'logs',
    summary: 'Look at the tape: list, show, search, export',
    load: async () => (await import('./commands/logs.ts')).logsCommand,
  },
  {
    name: 'tape',
    summary: 'Import, export, tag and check recorded calls',
    load: async () => (await import('./commands/tape.ts')).tapeCommand,
  },
  {
    name: 'batch',
    summary: 'Ask a model about every row of a file; stop and go on at any time',
    load: async () => (await import('./commands/batch.ts')).batchCommand,
  },
  {
    name: 'eval',
    summary: 'Evaluate models on tasks: run, show, compare',
    load: async () => (await import('./commands/eval.ts')).evalCommand,
  },
  { name: 'score', summary: 'How likely a model finds given texts', load: async () => (await import('./commands/score.ts')).scoreCommand },
  {
    name: 'tokens',
    summary: 'Count the tokens of a text, show or decode them',
    load: async () => (await import('./commands/tokens.ts')).tokensCommand,
  },
  {
    name: 'functions',
    summary: 'Typed functions from TypeScript declarations: generate, check, list',
    load: async () => (await import('./commands/functions.ts')).functionsCommand,
  },
  {
    name: 'models',
    summary: 'List models, choose the default, set default options',
    load: async () => (await import('./commands/models.ts')).modelsCommand,
  },
  { name: 'keys', summary: 'Manage API keys', load: async () => (await import('./commands/keys.ts')).keysCommand },
  { name: 'aliases', summary: 'Manage short names of models', load: async () => (await import('./commands/aliases.ts')).aliasesCommand },
  { name: 'plugins', summary: 'List plugins', load: async () => (await import('./commands/plugins.ts')).pluginsCommand },
  {
    name: 'completion',
    summary: 'Print a completion script for bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completionCommand,
  },
  {
    name: 'debug',
    summary: 'Show how recorded bytes are decoded',
    load: async () => (await import('./commands/debug.ts')).debugCommand,
  },
  {
    name: '__complete',
    summary: 'Candidates for shell completion',
    hidden: true,
    load: async () => (await import('./commands/complete.ts')).completeCommand,
  },
];
