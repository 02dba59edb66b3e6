import { didYouMean, LmdeckError } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Command, CommandGroup } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';

const list: Command = {
  name: 'list',
  summary: 'List the names of the stored keys',
  examples: [{ command: 'lmdeck keys' }],
  run: ({ io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const names = await deck.keys.list();
      if (names.length === 0) return io.note('No keys stored. Store one: lmdeck keys set openai');
      await io.print(names.map((name) => `${name}\n`).join(''));
    }),
};

const path: Command = {
  name: 'path',
  summary: 'Print where the keys are stored',
  examples: [{ command: 'lmdeck keys path' }],
  run: ({ io }) => withDeck(io, { tape: false }, (deck) => io.print(`${deck.keys.path}\n`)),
};

const get: Command = {
  name: 'get',
  summary: 'Print a stored key',
  arguments: ['<name>'],
  completes: 'key',
  examples: [{ command: 'export OPENAI_API_KEY="$(lmdeck keys get openai)"' }],
  run: ({ args: [name = ''], io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const key = await deck.keys.get(name);
      if (key === undefined) throw await noKey(deck, name);
      await io.print(`${key}\n`);
    }),
};

const set: Command = {
  name: 'set',
  summary: 'Store a key',
  description:
    'Stores a key. Without --value it is asked for without being shown, or read from stdin when that is not a terminal:\na value on the command line ends up in the history of the shell.',
  arguments: ['<name>'],
  options: [{ flags: '--value <key>', description: 'The key itself' }],
  examples: [
    { command: 'lmdeck keys set openai', does: 'Asks for the key' },
    { command: 'pass show openai | lmdeck keys set openai', does: 'From a password manager' },
  ],
  run: async ({ args: [name = ''], options, io }) => {
    const { readSecret } = await import('../io/read-secret.ts');
    const value = options.text('value') ?? (await readSecret(io, `Key for ${name}: `));
    await withDeck(io, { tape: false }, (deck) => deck.keys.set(name, value));
  },
};

const remove: Command = {
  name: 'remove',
  summary: 'Delete a stored key',
  arguments: ['<name>'],
  completes: 'key',
  examples: [{ command: 'lmdeck keys remove openai' }],
  run: ({ args: [name = ''], io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      if (!(await deck.keys.remove(name))) throw await noKey(deck, name);
    }),
};

async function noKey(deck: Deck, name: string): Promise<LmdeckError> {
  return new LmdeckError(
    'missing-key',
    `No key "${name}" is stored.${didYouMean(name, await deck.keys.list())} Store it: lmdeck keys set ${name}`,
  );
}

export const keysCommand: CommandGroup = {
  name: 'keys',
  summary: 'Manage API keys',
  description: 'Manages API keys. They are kept in a file that only its owner can read. A stored key wins over an environment variable.',
  default: 'list',
  commands: [list, path, get, set, remove],
  examples: [{ command: 'lmdeck keys' }, { command: 'lmdeck keys set openai' }],
};
