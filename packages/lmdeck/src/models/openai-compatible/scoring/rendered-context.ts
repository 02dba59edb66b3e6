import { LmdeckError, type CallContext } from '../../../core/index.ts';
import type { ScoreItem } from './score-item.ts';

/**
 * Messages as the text that stands before the answer, by the chat template of the model's own tokenizer.
 * @param bos what the server puts before a text by itself: the template's own copy of it is left out.
 * @throws LmdeckError `capability` when there is no template.
 */
export async function renderedContext(item: ScoreItem & { kind: 'chat' }, { model }: CallContext, bos: string): Promise<string> {
  const tokenizer = await model.tokenizer?.();
  const template = tokenizer?.chatTemplate;
  if (template === undefined) {
    throw new LmdeckError(
      'capability',
      `${model.id} cannot score answers to messages: its server scores raw text only, and lmdeck has no chat template of this model. Give the model a tokenizer with one ("tokenizer": the folder of its tokenizer.json), or give the context as text.`,
      { data: { model: model.id, capability: 'score' } },
    );
  }
  const text = template.render(item.messages, { addGenerationPrompt: true });
  return bos !== '' && text.startsWith(bos) ? text.slice(bos.length) : text;
}
