import type { Model, Tokenizer } from '../../../core/index.ts';
import { hasEncoding } from '../../../tokenize/tiktoken/encoding-name.ts';
import type { Endpoint } from '../endpoint.ts';

/** Tokenizer and context size of a model behind a server. What it takes to get them is loaded by the first who asks. */
export function endpointTokens(endpoint: Endpoint, model: string): Pick<Model, 'tokenizer' | 'contextSize'> {
  const { contextSize } = endpoint;
  const tokenizer = endpointTokenizer(endpoint, model);
  return {
    ...(tokenizer === undefined ? {} : { tokenizer }),
    contextSize:
      contextSize === undefined
        ? remembered(async () => (await import('./served-context-size.ts')).servedContextSize(endpoint, model, tokenizer))
        : async () => contextSize,
  };
}

function endpointTokenizer(endpoint: Endpoint, model: string): (() => Promise<Tokenizer>) | undefined {
  const { tokenizer: source } = endpoint;
  if (source === undefined || source === false || (source === 'tiktoken' && !hasEncoding(model))) return undefined;
  if (typeof source === 'function') return remembered(source);
  return remembered(async () => (await import('./load-tokenizer.ts')).loadTokenizer(source, endpoint, model));
}

/** Made once, also for those who ask meanwhile; after a failure the next one tries again. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    if (made === undefined) {
      const making = make();
      made = making;
      making.catch(() => {
        if (made === making) made = undefined;
      });
    }
    return made;
  };
}
