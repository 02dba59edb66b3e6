import type { Response, StoredCall } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';

/** The call as the tape has it; `undefined` when it is not recorded, or the tape cannot be read. */
export async function storedCall(response: Response, deck: Deck): Promise<StoredCall | undefined> {
  if (response.callId === undefined || deck.paths.tape === undefined) return undefined;
  try {
    const tape = await deck.tape();
    await tape.flush();
    return tape.call(response.callId);
  } catch {
    // What is wrong with the tape is told when the deck closes.
    return undefined;
  }
}
