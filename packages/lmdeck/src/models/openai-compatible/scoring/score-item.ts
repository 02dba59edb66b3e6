import { LmdeckError, messageText, type Message, type ScoreRequest, type TokenIds } from '../../../core/index.ts';

/** A text to score, by what its context is. */
export type ScoreItem =
  | { readonly kind: 'text'; readonly context: string; readonly continuation: string }
  | { readonly kind: 'tokens'; readonly context: TokenIds; readonly continuation: TokenIds }
  | { readonly kind: 'chat'; readonly messages: readonly Message[]; readonly continuation: string };

/** What a request asks to score. @throws LmdeckError `usage` for text that follows token ids. */
export function scoreItem({ messages, continuation }: ScoreRequest): ScoreItem {
  const [first] = messages;
  const part = first?.role === 'raw' ? first.parts[0] : undefined;
  if (part?.type === 'tokens') {
    if (typeof continuation !== 'string') return { kind: 'tokens', context: part.ids, continuation };
    throw new LmdeckError(
      'usage',
      'A continuation of text cannot follow a context of token ids: encode it with the tokenizer of the model, or give both as text.',
    );
  }
  if (typeof continuation !== 'string') throw new LmdeckError('usage', 'A continuation of token ids needs a context of token ids.');
  return first?.role === 'raw' ? { kind: 'text', context: messageText(first), continuation } : { kind: 'chat', messages, continuation };
}
