import type { Deck, DeckOptions } from './deck.ts';

/**
 * Opens a user's deck. Costs nothing by itself: every file is read, every plugin loaded and the tape opened when something
 * of it is asked for.
 *
 * @example
 * ```ts
 * import { openDeck } from 'lmdeck';
 *
 * await using deck = await openDeck({ tape: false });
 * const model = await deck.model('mock');
 * console.log(await model.prompt('Hello').text());
 * ```
 */
export async function openDeck(options: DeckOptions = {}): Promise<Deck> {
  // Late, so that those who import lmdeck for its models alone do not load what they do not use.
  const { assembleDeck } = await import('./assemble-deck.ts');
  return assembleDeck(options);
}
