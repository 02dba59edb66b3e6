import { LmdeckError } from '../../core/index.ts';
import type { DeckOptions } from '../../deck/index.ts';
import type { CommandOption } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';

/** Options that `prompt` and `chat` have in common. */
export const modelFlags: readonly CommandOption[] = [
  { flags: '-m, --model <id>', description: 'Model, by id, alias, end of an id, or path (env: LMDECK_MODEL)', completes: 'model' },
  { flags: '-s, --system <text>', description: 'System prompt' },
  { flags: '-o, --option <name> <value>', description: 'Option of the model, e.g. -o temperature 0', repeatable: true },
];

export const conversationFlags: readonly CommandOption[] = [
  { flags: '-c, --continue', description: 'Continue the conversation that was used last, with its model and options' },
  {
    flags: '--cid, --conversation <id>',
    description: 'Continue this conversation (the beginning of its id is enough)',
    completes: 'conversation',
  },
];

export const callFlags: readonly CommandOption[] = [
  { flags: '--key <key>', description: 'API key, or the name of a stored one', completes: 'key' },
  { flags: '--no-stream', description: 'Wait for the whole answer' },
  { flags: '-n, --no-log', description: 'Do not record' },
  { flags: '--log', description: 'Record, also when logging is off' },
  { flags: '-u, --usage', description: 'Show tokens, times and cost on stderr' },
  { flags: '-R, --hide-reasoning', description: 'Do not show the reasoning' },
  { flags: '--no-markdown', description: 'Show the text as it is, also on a terminal (env: LMDECK_MARKDOWN=0)' },
  { flags: '-d, --database <path>', description: 'Another tape', completes: 'file' },
];

/** How to open the deck for these options of `prompt` and `chat`. @throws LmdeckError `usage` */
export function deckOptions(options: ParsedOptions, io: CliIo): DeckOptions {
  const tape = options.text('database');
  if (options.flag('noLog') && options.flag('log')) throw new LmdeckError('usage', '--log and --no-log exclude each other.');
  return {
    // Here one call follows the other.
    limits: false,
    retry: { onRetry: (info) => void import('./tell-retry.ts').then(({ tellRetry }) => tellRetry(info, options.texts('key'), io)) },
    ...(tape === undefined ? {} : { tape }),
    ...(options.flag('cache') ? { cache: true } : {}),
    ...(options.flag('noLog') ? { log: false } : {}),
    ...(options.flag('log') ? { log: true } : {}),
  };
}
