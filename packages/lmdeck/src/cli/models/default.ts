import type { Command } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';

export const defaultCommand: Command = {
  name: 'default',
  summary: 'Show or set the model that is used when none is named',
  arguments: ['[model]'],
  completes: 'model',
  options: [{ flags: '--clear', description: 'Unset it' }],
  examples: [{ command: 'lmdeck models default' }, { command: 'lmdeck models default openai/gpt-5-mini' }],
  run: ({ args: [model], options, io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      if (options.flag('clear')) {
        return deck.settings.update((before) => {
          const { defaultModel: _defaultModel, ...rest } = before;
          return rest;
        });
      }
      if (model === undefined) return io.print(`${await deck.defaultModel()}\n`);
      const id = await deck.resolve(model);
      await deck.settings.update((before) => ({ ...before, defaultModel: model }));
      io.note(`The default model is ${id} now.`);
    }),
};
