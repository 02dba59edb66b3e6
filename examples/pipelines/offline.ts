/** The model to ask: the one named on the command line, else scripted answers, so that the examples run without a key or a network. */
import { languageModel, messageText, mock, record, type Deck, type LanguageModel } from 'lmdeck';

export async function modelOrScript(deck: Deck, id: string, script: (prompt: string, sample: number) => string): Promise<LanguageModel> {
  const named = process.argv[2];
  if (named !== undefined) return deck.model(named);
  const answer = mock({ id, outputs: [(request) => script(request.messages.map(messageText).join('\n'), request.sample ?? 0)] });
  // One call per sample, so that the script knows which one it is asked for.
  return languageModel({ ...answer, capabilities: { ...answer.capabilities, samples: false } }, record(await deck.tape()));
}
