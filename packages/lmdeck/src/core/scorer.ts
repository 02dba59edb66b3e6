import { LmdeckError } from './error.ts';
import type { LanguageModel } from './language-model.ts';
import { raw, type Message } from './message.ts';
import type { Continuation, ModelRequest } from './model-request.ts';
import type { Response } from './response.ts';
import { overlapOf } from './score-batches.ts';
import type { Score, ScoreInput, ScoreOptions } from './score.ts';
import type { TokenIds } from './tokenizer.ts';
import type { TokenLogprob } from './token-logprob.ts';

/** What is asked: the part of a request that the input says. */
export type ScoreQuestion = Pick<ModelRequest, 'messages'> & { readonly continuation: Continuation };

/** The `score` of a model: `ask` makes a call of a question. */
export function scorer(ask: (question: ScoreQuestion, options: ScoreOptions) => Response): LanguageModel['score'] {
  async function one(input: ScoreInput, options: ScoreOptions): Promise<Score> {
    const { continuation } = input;
    const response = ask(question(input), options);
    const tokens = (await response.logprobs()) ?? [];
    const overlap =
      typeof continuation === 'string' ? overlapOf(tokens.map((each) => each.token).join(''), continuation.toWellFormed()) : '';
    if (tokens.length === 0 || overlap === undefined)
      throw new LmdeckError('invalid-response', 'The recorded answer of this call is no score.', {
        data: { callId: response.callId ?? '' },
      });
    const logprob = tokens.reduce((sum, token) => sum + token.logprob, 0);
    const usage = await response.usage();
    return {
      logprob,
      isGreedy: areGreedy(tokens),
      tokens,
      ...(overlap === '' ? {} : { overlap }),
      ...(Object.keys(usage).length === 0 ? {} : { usage }),
      callId: response.callId ?? '',
    };
  }

  /** All of them are waited for: those that have gone out together are paid for together. */
  async function all(inputs: readonly ScoreInput[], options: ScoreOptions): Promise<readonly Score[]> {
    const outcomes = await Promise.allSettled(inputs.map((input) => one(input, options)));
    const failed = outcomes.findIndex((outcome) => outcome.status === 'rejected');
    if (failed === -1) return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const outcome = outcomes[failed];
    const error = LmdeckError.from(outcome?.status === 'rejected' ? outcome.reason : undefined);
    throw new LmdeckError(error.code, `Text ${failed + 1} of ${inputs.length}: ${error.message}`, {
      ...error.toInfo(),
      data: { ...error.data, index: failed, failed: outcomes.filter((each) => each.status === 'rejected').length },
      cause: error,
    });
  }

  function score(input: ScoreInput, options?: ScoreOptions): Promise<Score>;
  function score(inputs: readonly ScoreInput[], options?: ScoreOptions): Promise<readonly Score[]>;
  function score(given: ScoreInput | readonly ScoreInput[], options: ScoreOptions = {}): Promise<Score | readonly Score[]> {
    return 'context' in given ? one(given, options) : all(given, options);
  }
  return score;
}

function areGreedy(tokens: readonly TokenLogprob[]): boolean | undefined {
  if (tokens.some((token) => token.isGreedy === false)) return false;
  return tokens.every((token) => token.isGreedy === true) ? true : undefined;
}

function question({ context, continuation }: ScoreInput): ScoreQuestion {
  if (continuation.length === 0) throw new LmdeckError('usage', 'The continuation is empty: there is nothing to score.');
  const messages = contextMessages(context, typeof continuation === 'string');
  if ((typeof continuation === 'string') === (messages[0]?.parts[0]?.type === 'tokens')) {
    throw new LmdeckError(
      'usage',
      'Token ids go with token ids: a continuation of text cannot follow a context of token ids, nor the other way round, because where one ends and the other begins would not be certain. Encode both with the tokenizer of the model.',
    );
  }
  return { messages, continuation };
}

/** Nothing can stand before text as well as before token ids. */
function contextMessages(context: ScoreInput['context'], beforeText: boolean): readonly Message[] {
  if (context.length === 0) return [raw(beforeText ? '' : [])];
  return typeof context === 'string' || isTokenIds(context) ? [raw(context)] : context;
}

function isTokenIds(context: TokenIds | readonly Message[]): context is TokenIds {
  return typeof context[0] === 'number';
}
