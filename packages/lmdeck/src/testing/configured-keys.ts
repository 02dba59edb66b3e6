import { openDeck } from '../deck/index.ts';

let keys: Promise<readonly string[]> | undefined;

/** The values of the keys that the user has stored: none of them may get into a fixture. Read once for all tests of a process. */
export function configuredKeys(): Promise<readonly string[]> {
  return (keys ??= read());
}

async function read(): Promise<readonly string[]> {
  await using deck = await openDeck({ tape: false, onWarning: () => {} });
  const values = (await deck.keys.list()).map((name) => deck.keys.get(name));
  return (await Promise.all(values)).filter((value) => value !== undefined);
}
