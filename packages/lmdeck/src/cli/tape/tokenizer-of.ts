import { existsSync, readFileSync } from 'node:fs';
import { LmdeckError, type ChatTemplate, type Tokenizer } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';

/**
 * The tokenizer that a word names: a URL, a tokenizer.json or its folder, an encoding like o200k_base, else that of a model.
 * @throws LmdeckError `capability` when the model has none, `config` when it is neither file nor model.
 */
export async function tokenizerOf(named: string, deck: Deck): Promise<Tokenizer> {
  const { modelTokenizer, namedTokenizer } = await import('../tokens/named-tokenizer.ts');
  if (existsSync(named) || /^https?:\/\//.test(named)) return namedTokenizer(named);
  const unknown = await unknownModel(named, deck);
  if (!unknown) return modelTokenizer(deck, named);
  if (/[\\/]|\.json$/.test(named) && !named.endsWith('.gguf'))
    throw new LmdeckError('config', `There is no file ${named}, nor a model of this id.`);
  const { hasEncoding } = await import('../../tokenize/index.ts');
  return hasEncoding(named) ? namedTokenizer(named) : modelTokenizer(deck, named);
}

async function unknownModel(named: string, deck: Deck): Promise<boolean> {
  return deck.resolve(named).then(
    () => false,
    () => true,
  );
}

/** The chat template in a file (`-` for stdin), with the special tokens of a tokenizer. */
export async function templateIn(path: string, { bos, eos }: Tokenizer): Promise<ChatTemplate> {
  let source: string;
  try {
    source = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new LmdeckError('config', `Cannot read the chat template ${path}: ${LmdeckError.from(error).message}`, { cause: error });
  }
  const { chatTemplate } = await import('../../tokenize/index.ts');
  return chatTemplate(source, { bos: bos?.text, eos: eos?.text, name: path });
}
