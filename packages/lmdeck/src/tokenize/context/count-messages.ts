import { LmdeckError, type Message, type RenderOptions, type Tokenizer } from '../../core/index.ts';

/** A tokenizer that counts messages in a way of its own: a server does it in one request. */
export interface MessageCounter {
  countMessages(messages: readonly Message[], options?: RenderOptions): number | Promise<number>;
}

/**
 * How many tokens a conversation has for a model: its chat template renders the messages and the tools, and the text is counted with
 * special tokens as tokens.
 *
 * @throws LmdeckError `capability` when the tokenizer has no chat template (see {@link countOpenAiMessages}), `invalid-request` when
 *   that refuses the messages.
 *
 * @example
 * ```ts
 * import { chatTemplate, countMessages, huggingFaceTokenizer } from 'lmdeck/tokenize';
 * import { user } from 'lmdeck';
 *
 * const model = { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, hello: 1 } };
 * const words = await huggingFaceTokenizer({ tokenizer: { model, pre_tokenizer: { type: 'Whitespace' } } });
 * const template = await chatTemplate('{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}');
 * console.log(await countMessages({ ...words, chatTemplate: template }, [user('hello')])); // 2
 * ```
 */
export async function countMessages(tokenizer: Tokenizer, messages: readonly Message[], options: RenderOptions = {}): Promise<number> {
  if (isMessageCounter(tokenizer)) return tokenizer.countMessages(messages, options);
  if (tokenizer.chatTemplate !== undefined) return tokenizer.count(tokenizer.chatTemplate.render(messages, options), { special: 'token' });
  throw new LmdeckError(
    'capability',
    `${tokenizer.id} has no chat template, so it cannot tell what messages become. Give one ({ ...tokenizer, chatTemplate }); for OpenAI's models take countOpenAiMessages.`,
  );
}

/**
 * The rule that OpenAI's cookbook gives for its chat models ("How to count tokens with tiktoken"): three tokens for every message and one
 * more for a name, besides the tokens of role, text and name; three for the beginning of the answer. It is an estimate by OpenAI's own
 * word, and says nothing of tools and attachments.
 *
 * @throws LmdeckError `capability` for messages that have more than text.
 */
export async function countOpenAiMessages(tokenizer: Tokenizer, messages: readonly Message[]): Promise<number> {
  let count = 3;
  for (const { role, name, parts } of messages) {
    count += 3 + (await tokenizer.count(role));
    if (name !== undefined) count += 1 + (await tokenizer.count(name));
    for (const part of parts) {
      if (part.type !== 'text')
        throw new LmdeckError(
          'capability',
          `OpenAI gives no rule for counting ${part.type} parts. Only the server can tell: see the usage of its answers.`,
        );
      count += await tokenizer.count(part.text);
    }
  }
  return count;
}

function isMessageCounter(tokenizer: Tokenizer): tokenizer is Tokenizer & MessageCounter {
  return 'countMessages' in tokenizer && typeof tokenizer.countMessages === 'function';
}
