import {
  createRequest,
  LmdeckError,
  type CallContext,
  type Message,
  type ModelRequest,
  type Part,
  type TokenIds,
  type Tokenizer,
  type Wrapper,
} from '../core/index.ts';
import type { Fitted, FitStrategy } from '../tokenize/index.ts';

/** What {@link LimitContextOptions.onCut} is told. */
export interface ContextCut {
  readonly callId: string;
  readonly modelId: string;
  /** Tokens of the prompt that is sent. */
  readonly tokens: number;
  readonly contextSize: number;
  /** What is not sent. */
  readonly cut: { readonly tokens: number; readonly messages: number };
}

export interface LimitContextOptions {
  /** What to do with a prompt that is too long. Default: `refuse`. */
  readonly strategy?: FitStrategy;
  /** Tokens that are kept free for the answer. Default: the call's `maxTokens`, or 1. */
  readonly reserve?: number;
  /** Default: that of the model. */
  readonly tokenizer?: Tokenizer;
  /** Tokens that prompt and answer can have together. Default: what the model says. */
  readonly contextSize?: number;
  /** How messages are counted. Default: the tokenizer's chat template, see `countMessages`. */
  readonly count?: (messages: readonly Message[]) => number | Promise<number>;
  /** Told before a shortened prompt is sent. */
  readonly onCut?: (cut: ContextCut) => void;
  /** Told when a prompt is too long and the strategy is `warn`. Default: `process.emitWarning`. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Looks at every prompt before it is sent, and refuses, warns of or shortens one that does not fit into the model's context. Put it outside
 * of `cache()` and `record()`, so that they see what was sent. Scores pass: what is scored must not change.
 *
 * @throws LmdeckError `invalid-request` for a prompt that is too long, `capability` when the model has no tokenizer or does not know its
 *   context size, and none is given.
 *
 * @example
 * ```ts
 * import { echo, languageModel, limitContext, user, assistant } from 'lmdeck';
 * import { chatTemplate, huggingFaceTokenizer } from 'lmdeck/tokenize';
 *
 * const model = { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0 } };
 * const words = await huggingFaceTokenizer({ tokenizer: { model, pre_tokenizer: { type: 'Whitespace' } } });
 * const tokenizer = { ...words, chatTemplate: await chatTemplate('{% for m in messages %}{{ m.content }} {% endfor %}') };
 * const limit = limitContext({ tokenizer, contextSize: 4, strategy: 'messages', onCut: ({ cut }) => console.log(cut.messages) }); // 2
 * await languageModel(echo(), limit).prompt([user('one two'), assistant('three'), user('four five')]).text();
 * ```
 */
export function limitContext(options: LimitContextOptions = {}): Wrapper {
  return async function* (request, context, next) {
    if (request.continuation !== undefined) yield* next(request, context);
    else yield* next(await fitted(request, context, options), context);
  };
}

async function fitted(request: ModelRequest, context: CallContext, options: LimitContextOptions): Promise<ModelRequest> {
  const { model } = context;
  const tokenizer = options.tokenizer ?? (await model.tokenizer?.()) ?? unknown(model.id, 'has no tokenizer', 'tokenizer');
  const contextSize =
    options.contextSize ?? (await model.contextSize?.()) ?? unknown(model.id, 'does not say how long its context is', 'contextSize');
  const { maxTokens } = request.options;
  const { fitContext } = await import('../tokenize/index.ts');
  const fitting = {
    tokenizer,
    contextSize,
    reserve: options.reserve ?? (typeof maxTokens === 'number' ? maxTokens : 1),
    strategy: options.strategy ?? 'refuse',
    render: { tools: request.tools },
    count: options.count,
    onWarning: options.onWarning ?? ((message: string): void => process.emitWarning(`${model.id}: ${message}`)),
  } as const;
  const told = <T>({ prompt, tokens, cut }: Fitted<T>): T => {
    if (cut.tokens > 0 || cut.messages > 0) options.onCut?.({ callId: context.callId, modelId: model.id, tokens, contextSize, cut });
    return prompt;
  };
  const raw = rawPrompt(request.messages);
  if (raw === undefined) return withMessages(request, told(await fitContext(request.messages, fitting)));
  const part: Part =
    typeof raw === 'string'
      ? { type: 'text', text: told(await fitContext(raw, fitting)) }
      : { type: 'tokens', ids: told(await fitContext(raw, fitting)) };
  return withMessages(request, [{ role: 'raw', parts: [part] }]);
}

function withMessages(request: ModelRequest, messages: readonly Message[]): ModelRequest {
  return messages === request.messages ? request : createRequest({ ...request, messages });
}

/** The text or the tokens of a raw prompt. */
function rawPrompt(messages: readonly Message[]): string | TokenIds | undefined {
  const [message] = messages;
  if (message?.role !== 'raw') return undefined;
  const tokens = message.parts.find((part) => part.type === 'tokens');
  return tokens?.ids ?? message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function unknown(modelId: string, what: string, option: string): never {
  throw new LmdeckError('capability', `${modelId} ${what}, so limitContext cannot tell whether a prompt fits. Give it one (${option}).`);
}
