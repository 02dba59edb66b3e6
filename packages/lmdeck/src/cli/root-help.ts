import { examples, page, section } from './args/help.ts';
import { commandEntries } from './commands.ts';
import type { CliIo } from './io/cli-io.ts';
import { cliDeck } from './with-deck.ts';

/** What `lmdeck --help` prints. */
export async function rootHelp(io: CliIo): Promise<string> {
  const builtIn = commandEntries.filter((entry) => entry.hidden !== true).map(({ name, summary }) => ({ name, summary }));
  return page([
    'Usage: lmdeck [prompt] [options] "text"\n       lmdeck <command> [options]\n',
    'Prompts language models and keeps every call on a tape.\n',
    section('Commands', [...builtIn, ...(await fromPlugins(io))]),
    examples([
      { command: 'lmdeck "Three names for a pet pelican"', does: 'Ask the default model' },
      {
        command: 'lmdeck -m tiny "Hello"',
        does: 'Ask a model by id or alias (tiny is a small demo model that needs no key and no server)',
      },
      { command: 'cat notes.txt | lmdeck -s "Summarise this"', does: 'Ask about a text' },
      { command: 'lmdeck -c "And one for a walrus"', does: 'Go on with the last conversation' },
      { command: 'lmdeck chat -m tiny', does: 'Talk' },
      { command: 'lmdeck logs -n 1', does: 'See what was asked and answered last' },
    ]),
    'lmdeck <command> --help tells more about a command; lmdeck prompt --help lists the options of a prompt.\n',
  ]);
}

/** Help is there in any case: a broken plugin shows in `lmdeck plugins`. */
async function fromPlugins(io: CliIo): Promise<readonly { readonly name: string; readonly summary: string }[]> {
  try {
    const deck = await cliDeck(io, { tape: false });
    return (await deck.pluginCommands()).map(({ name, summary, plugin }) => ({ name, summary: summary ?? `From the plugin ${plugin}` }));
  } catch {
    return [];
  }
}
