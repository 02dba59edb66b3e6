import { didYouMean, LmdeckError } from '../../core/index.ts';
import type { Command } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';

export const removeCommand: Command = {
  name: 'remove',
  summary: 'Remove a server that was added',
  arguments: ['<name>'],
  examples: [{ command: 'lmdeck models remove local' }],
  run: ({ args: [name = ''], io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      if (await deck.endpoints.remove(name)) return;
      const names = (await deck.endpoints.list()).filter((endpoint) => endpoint.source === 'file').map((endpoint) => endpoint.name);
      throw new LmdeckError('config', `${deck.endpoints.path} has no endpoint "${name}".${didYouMean(name, names)}`);
    }),
};

export const endpointsCommand: Command = {
  name: 'endpoints',
  summary: 'List the servers that models can be asked of',
  options: [{ flags: '--json', description: 'As a JSON array' }],
  examples: [{ command: 'lmdeck models endpoints' }],
  run: ({ options, io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const endpoints = await deck.endpoints.list();
      if (options.flag('json')) {
        const rows = endpoints.map(({ name, baseUrl, source, keyName, keyEnv }) => ({
          name,
          base_url: baseUrl,
          source,
          key_name: keyName ?? null,
          key_env: keyEnv ?? null,
        }));
        return io.print(`${JSON.stringify(rows, undefined, 2)}\n`);
      }
      const width = Math.max(...endpoints.map(({ name }) => name.length));
      await io.print(endpoints.map(({ name, baseUrl, source }) => `${name.padEnd(width)}  ${baseUrl}  (${source})\n`).join(''));
    }),
};
