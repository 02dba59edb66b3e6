import type { Command, Invocation } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';

export const onCommand: Command = {
  name: 'on',
  summary: 'Record calls (the default)',
  examples: [{ command: 'lmdeck logs on' }],
  run: (call) => setLogging(call, true),
};

export const offCommand: Command = {
  name: 'off',
  summary: 'Record no calls, except those with --log',
  examples: [{ command: 'lmdeck logs off' }],
  run: (call) => setLogging(call, false),
};

function setLogging({ io }: Invocation, logging: boolean): Promise<void> {
  return withDeck(io, { tape: false }, async (deck) => {
    await deck.settings.update((before) => ({ ...before, logging }));
    io.note(`Logging is ${logging ? 'on' : 'off'} now (${deck.settings.path}).`);
  });
}
