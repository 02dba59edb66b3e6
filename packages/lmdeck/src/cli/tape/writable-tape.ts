import type { Deck } from '../../deck/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { Invocation } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';

/** Opens the tape for writing, also when recording is off; it is made when there is none. */
export function writableTape(
  call: Invocation,
  work: (tape: Tape, deck: Deck) => Promise<number | undefined | void>,
): Promise<number | undefined | void> {
  const named = call.options.text('database');
  return withDeck(call.io, named === undefined ? {} : { tape: named }, async (deck) => work(await deck.tape(), deck));
}
