import { openDeck, type Deck, type DeckOptions } from '../deck/index.ts';
import type { CliIo } from './io/cli-io.ts';
import { namedFile } from './io/named-file.ts';

/** The deck of this process' user, as commands open it. */
export async function cliDeck(io: CliIo, options: DeckOptions = {}): Promise<Deck> {
  if (typeof options.tape === 'string')
    namedFile(options.tape, 'a tape is a file. Name it; calls of another program: lmdeck tape import -');
  return openDeck({ env: io.env, onWarning: (message) => io.note(`Warning: ${message}`), ...options });
}

/** Opens the deck for some work and closes it afterwards, also when the work failed. */
export async function withDeck<T>(io: CliIo, options: DeckOptions, work: (deck: Deck) => Promise<T>): Promise<T> {
  const deck = await cliDeck(io, options);
  try {
    return await work(deck);
  } finally {
    await deck.close();
  }
}
