import { existsSync, readFileSync } from 'node:fs';
import { LmdeckError, type ChatTemplate, type Tokenizer } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';

/**
 * The tokenizer that a word names: a tokenizer.json or its folder, else that of a model.
 * @throws LmdeckError `capability` when the model has none.
 */
export async function tokenizerOf(named: string, deck: Deck): Promise<Tokenizer> {
  if (existsSync(named)) {
    const { huggingFaceTokenizer } = await import('../../tokenize/index.ts');
    return huggingFaceTokenizer(named);
  }
  if (/[\\/]|\.json$/.test(named) && !named.endsWith('.gguf') && (await unknownModel(named, deck)))
    throw new LmdeckError('config', `There is no file ${named}, nor a model of this id.`);
  const model = await deck.model(named);
  if (model.tokenizer === undefined) {
    throw new LmdeckError('capability', `${model.id} does not give its tokenizer. Name its tokenizer.json, or the folder that has it.`);
  }
  return model.tokenizer();
}

async function unknownModel(named: string, deck: Deck): Promise<boolean> {
  return deck.resolve(named).then(
    () => false,
    () => true,
  );
}

/** The chat template in a file, with the special tokens of a tokenizer. */
export async function templateIn(path: string, { bos, eos }: Tokenizer): Promise<ChatTemplate> {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    throw new LmdeckError('config', `Cannot read the chat template ${path}: ${LmdeckError.from(error).message}`, { cause: error });
  }
  const { chatTemplate } = await import('../../tokenize/index.ts');
  return chatTemplate(source, { bos: bos?.text, eos: eos?.text, name: path });
}
