import { didYouMean, LmdeckError } from '../core/index.ts';
import type { Command, CommandGroup, CommandOption } from './args/command.ts';
import { isOneEdit } from './args/one-edit.ts';
import { optionFlags } from './args/option-flags.ts';
import { commandEntries } from './commands.ts';
import type { CliIo } from './io/cli-io.ts';
import { interruptible } from './io/interruptible.ts';
import { cliDeck } from './with-deck.ts';

/** The command of a plugin, if one has this name. */
export async function pluginCommand(name: string, io: CliIo): Promise<Command | undefined> {
  const deck = await cliDeck(io, { tape: false });
  const info = (await deck.pluginCommands()).find((command) => command.name === name);
  if (info === undefined) return undefined;
  const command = await deck.loadCommand(name);
  const options: readonly CommandOption[] = command.options ?? [];
  return {
    name: command.name,
    summary: command.summary,
    arguments: command.arguments ?? [],
    options,
    examples: (command.examples ?? []).map((example) => ({ command: example })),
    run: ({ args, options: given, io }) =>
      interruptible(io, (signal) => command.run({ args, options: plainOptions(options, given), io, signal })),
  };
}

/**
 * Refuses a single word that is almost a command: it is a typo more often than a prompt, and a prompt costs. Several words
 * are a prompt, unless they are a mistyped group and one of its commands.
 *
 * @throws LmdeckError `usage`
 */
export async function refuseTypo(word: string, rest: readonly string[], io: CliIo): Promise<void> {
  if (word.length < 4) return;
  const entry = commandEntries.find(({ name, hidden }) => hidden !== true && isOneEdit(word, name));
  const names =
    entry === undefined ? (await (await cliDeck(io, { tape: false })).pluginCommands()).map((command) => command.name) : [entry.name];
  const meant = names.find((name) => isOneEdit(word, name));
  if (meant === undefined) return;
  const next = rest[0];
  if (next !== undefined && !next.startsWith('-')) {
    const command = await entry?.load();
    if (command === undefined || !('commands' in command) || !command.commands.some((each) => each.name === next)) return;
  }
  throw new LmdeckError(
    'usage',
    `unknown command "${word}". Did you mean lmdeck ${meant}? To send the word to a model: lmdeck prompt ${word}`,
  );
}

/** @throws LmdeckError `usage` when neither lmdeck nor a plugin has a command of this name. */
export async function requireCommand(name: string, io: CliIo): Promise<void> {
  const builtIn = commandEntries.map((entry) => entry.name);
  if (builtIn.includes(name)) return;
  const names = [...builtIn, ...(await (await cliDeck(io, { tape: false })).pluginCommands()).map((command) => command.name)];
  if (names.includes(name)) return;
  throw new LmdeckError('usage', `There is no command "${name}".${didYouMean(name, names)} List them: lmdeck --help`);
}

/** The error for a word that is no command of a group. */
export function unknownSubcommand(name: string, group: CommandGroup, path: string): LmdeckError {
  const names = group.commands.map((command) => command.name);
  return new LmdeckError('usage', `${path}: unknown command "${name}".${didYouMean(name, names)} Commands: ${names.join(', ')}.`);
}

/** Options as plugins get them: `true`, a value, a list of values, or `false` for `--no-…`. */
function plainOptions(
  specs: readonly CommandOption[],
  given: { flag(name: string): boolean; texts(name: string): readonly string[] },
): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const spec of specs) {
    const { key, required, optional, names } = optionFlags(spec);
    const negated = names.some((name) => name.startsWith('--no-')) && required === 0;
    const name = negated ? `${key.charAt(2).toLowerCase()}${key.slice(3)}` : key;
    const values = given.texts(key);
    if (negated) plain[name] = !given.flag(key);
    else if (!given.flag(key)) {
      if (spec.default !== undefined) plain[name] = spec.default;
    } else if (required === 0 && !optional) plain[name] = true;
    else plain[name] = spec.flags.includes('...') ? values : (values.at(-1) ?? true);
  }
  return plain;
}
