import { hasEncoding } from '../tokenize/tiktoken/encoding-name.ts';

/** True for a tokenizer that is a file or folder: it has a slash, or ends in `.json`, and is not the name of a model like `openai/gpt-4o`. */
export function isTokenizerPath(text: string): boolean {
  return !hasEncoding(text) && /[\\/]|\.json$/.test(text);
}
