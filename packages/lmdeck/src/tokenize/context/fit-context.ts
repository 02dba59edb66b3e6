import { LmdeckError, type Message, type RenderOptions, type TokenIds, type Tokenizer } from '../../core/index.ts';
import { countMessages } from './count-messages.ts';
import { dropMessages } from './drop-messages.ts';
import { shortenMessages } from './shorten-messages.ts';
import { truncateText } from './truncate-text.ts';
import { truncateTokens } from './truncate-tokens.ts';

/** What to do with a prompt that is too long. */
export type FitStrategy =
  | 'refuse' // an error
  | 'warn' // nothing, but `onWarning` is told
  | 'left' // the beginning is cut off; of messages, that of the longest text, before the next longest
  | 'right' // the end is
  | 'middle' // what is between both ends is
  | 'messages'; // the oldest turns go; system messages and the last user message stay, calls and results of tools go together

export interface FitOptions {
  readonly tokenizer: Tokenizer;
  /** Tokens that prompt and answer can have together. */
  readonly contextSize: number;
  /** Tokens that are kept free for the answer. Default: 1. */
  readonly reserve?: number | undefined;
  readonly strategy: FitStrategy;
  /** How messages are rendered; tools count, too. */
  readonly render?: RenderOptions | undefined;
  /** How messages are counted. Default: {@link countMessages}. */
  readonly count?: ((messages: readonly Message[]) => number | Promise<number>) | undefined;
  /** For the strategy `warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A prompt that fits, and what was cut for it. */
export interface Fitted<T> {
  readonly prompt: T;
  /** Tokens that it has now. */
  readonly tokens: number;
  /** False only with the strategy `warn`. */
  readonly fits: boolean;
  readonly cut: {
    readonly tokens: number;
    /** Messages that were left out. */
    readonly messages: number;
  };
}

/**
 * Makes a prompt fit into a model's context: a text, token ids, or messages as the chat template renders them. What fits comes back as
 * it is.
 *
 * @throws LmdeckError `invalid-request` when it does not fit: with the strategy `refuse`, or when what has to stay is too long;
 *   `data` has `tokens`, `contextSize` and `reserve`. `usage` for a reserve that leaves no room.
 *
 * @example
 * ```ts
 * import { fitContext, huggingFaceTokenizer } from 'lmdeck/tokenize';
 *
 * const model = { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, one: 1, two: 2, three: 3 } };
 * const tokenizer = await huggingFaceTokenizer({ tokenizer: { model, pre_tokenizer: { type: 'Whitespace' } } });
 * const { prompt, cut } = await fitContext('one two three', { tokenizer, contextSize: 3, reserve: 1, strategy: 'left' });
 * console.log(prompt, cut.tokens); // two three 1
 * ```
 */
export function fitContext(prompt: string, options: FitOptions): Promise<Fitted<string>>;
export function fitContext(prompt: readonly Message[], options: FitOptions): Promise<Fitted<readonly Message[]>>;
export function fitContext(prompt: TokenIds, options: FitOptions): Promise<Fitted<TokenIds>>;
export async function fitContext(
  prompt: string | TokenIds | readonly Message[],
  options: FitOptions,
): Promise<Fitted<string> | Fitted<TokenIds> | Fitted<readonly Message[]>> {
  const { contextSize, reserve = 1 } = options;
  const room = contextSize - reserve;
  if (room < 1)
    throw new LmdeckError(
      'usage',
      `A context of ${contextSize} tokens of which ${reserve} are for the answer leaves no room for a prompt.`,
    );
  if (typeof prompt === 'string') return fitText(prompt, room, options);
  return isMessages(prompt) ? fitMessages(prompt, room, options) : fitTokens(prompt, room, options);
}

async function fitText(text: string, room: number, options: FitOptions): Promise<Fitted<string>> {
  const before = await options.tokenizer.count(text);
  const side = decide(before, room, options);
  if (side === 'as it is') return asItIs(text, before, room);
  const { text: prompt, tokens } = await truncateText(options.tokenizer, text, room, sideOf(side));
  return { prompt, tokens, fits: true, cut: { tokens: before - tokens, messages: 0 } };
}

function fitTokens(tokens: TokenIds, room: number, options: FitOptions): Fitted<TokenIds> {
  const side = decide(tokens.length, room, options);
  if (side === 'as it is') return asItIs(tokens, tokens.length, room);
  const prompt = truncateTokens(tokens, room, sideOf(side));
  return { prompt, tokens: prompt.length, fits: true, cut: { tokens: tokens.length - prompt.length, messages: 0 } };
}

async function fitMessages(messages: readonly Message[], room: number, options: FitOptions): Promise<Fitted<readonly Message[]>> {
  const count = async (some: readonly Message[]): Promise<number> =>
    options.count === undefined ? countMessages(options.tokenizer, some, options.render) : options.count(some);
  const before = await count(messages);
  const side = decide(before, room, options);
  if (side === 'as it is') return asItIs(messages, before, room);
  const fitted =
    side === 'messages' ? await dropMessages(messages, room, count) : await shortenMessages(messages, room, side, options.tokenizer, count);
  if (fitted === undefined) throw tooLong(before, options, ' even without all that may be left out');
  const { messages: prompt, tokens } = fitted;
  return { prompt, tokens, fits: true, cut: { tokens: before - tokens, messages: messages.length - prompt.length } };
}

/** @throws LmdeckError for a prompt that is too long and must not be. */
function decide(tokens: number, room: number, options: FitOptions): Exclude<FitStrategy, 'refuse' | 'warn'> | 'as it is' {
  if (tokens <= room) return 'as it is';
  const { strategy, onWarning } = options;
  if (strategy === 'refuse') throw tooLong(tokens, options);
  if (strategy !== 'warn') return strategy;
  onWarning?.(tooLong(tokens, options).message);
  return 'as it is';
}

function sideOf(strategy: 'left' | 'right' | 'middle' | 'messages'): 'left' | 'right' | 'middle' {
  if (strategy !== 'messages') return strategy;
  throw new LmdeckError('usage', 'The strategy "messages" leaves out messages, and this prompt has none. Take left, right or middle.');
}

function asItIs<T>(prompt: T, tokens: number, room: number): Fitted<T> {
  return { prompt, tokens, fits: tokens <= room, cut: { tokens: 0, messages: 0 } };
}

function tooLong(tokens: number, { tokenizer, contextSize, reserve = 1 }: FitOptions, how = ''): LmdeckError {
  return new LmdeckError(
    'invalid-request',
    `The prompt has ${tokens} tokens (${tokenizer.id}), and the context of ${contextSize} has room for ${contextSize - reserve} beside ${reserve} for the answer: it is too long${how}.`,
    { data: { tokens, contextSize, reserve } },
  );
}

/** Nothing at all is as good as no messages. */
function isMessages(prompt: TokenIds | readonly Message[]): prompt is readonly Message[] {
  return typeof prompt[0] === 'object';
}
