import { openDeck } from 'lmdeck';

/** The capital of a country, as a language model has it. */
export async function capitalOf(country: string): Promise<string> {
  await using deck = await openDeck({ log: false });
  const model = await deck.model('tiny');
  return model.prompt(`What is the capital of ${country}?`).text();
}
