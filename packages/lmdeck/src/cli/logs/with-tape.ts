import { existsSync } from 'node:fs';

import { LmdeckError } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { CommandOption, Invocation } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';

/** `-d`, for every command that reads a tape. */
export const databaseOption: CommandOption = { flags: '-d, --database <path>', description: 'Another tape', completes: 'file' };

const NOTHING = 'Nothing is recorded yet. Ask something first: lmdeck "Hello"';

/**
 * Opens the tape for reading. Before the first recorded call there is none: then nothing is created, the work does
 * not run, and `--json` is an empty list.
 *
 * @param needed there must be something: a call that was asked for, a file to be made.
 * @throws LmdeckError `tape` when a tape was named that is not there, `usage` when there is none and it is needed.
 */
export async function withTape(
  call: Invocation,
  work: (tape: Tape, deck: Deck) => Promise<number | undefined | void>,
  needed = false,
): Promise<number | undefined | void> {
  const named = call.options.text('database');
  return withDeck(call.io, { readOnlyTape: true, ...(named === undefined ? {} : { tape: named }) }, async (deck) => {
    const path = deck.paths.tape;
    if (path === undefined || !existsSync(path)) {
      if (named !== undefined) throw new LmdeckError('tape', `There is no tape at ${named}.`);
      if (needed) throw new LmdeckError('usage', NOTHING);
      if (call.options.flag('json')) await call.io.print('[]\n');
      return call.io.note(NOTHING);
    }
    return work(await deck.tape(), deck);
  });
}
