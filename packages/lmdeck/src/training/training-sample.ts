import {
  createRequest,
  LmdeckError,
  type JsonObject,
  type LocalTokenizer,
  type Score,
  type ScoreInput,
  type StoredCall,
  type TokenLogprob,
} from '../core/index.ts';
import { callTag } from '../tape/index.ts';
import { labelledTokens, MASKED, sampledTokens, type LabelledTokens } from './predicted-tokens.ts';
import { promptGroup } from './prompt-group.ts';
import { isCall, sampleOf, type TrainingExample } from './training-example.ts';
import { trainingText, type TrainingText, type TrainingTextOptions } from './training-text.ts';

/** How to make a training sample. */
export interface TrainingSampleOptions extends TrainingTextOptions {
  /** The target model's tokenizer; it must be in this process. */
  readonly tokenizer: LocalTokenizer;
  /**
   * What to do with the log-probabilities that were recorded with the answer: take them where they fit the tokens, insist on them (`required`), or
   * take `none`. Default: `recorded`.
   */
  readonly logprobs?: 'recorded' | 'required' | 'none' | undefined;
  /** Scores the answer under a reference model: `(input) => referenceModel.score(input)`. It is given token ids. */
  readonly reference?: ((input: ScoreInput) => Promise<Pick<Score, 'tokens'>>) | undefined;
  /** Default: the call's tag `reward`. */
  readonly reward?: number | undefined;
  /** Samples whose rewards are compared with each other. Default: the calls with the same prompt. */
  readonly groupId?: string | undefined;
  /** On top of what the call's metadata and tags say. */
  readonly metadata?: JsonObject | undefined;
}

/** A text as tokens to train on. */
export interface TrainingSample extends TrainingText {
  readonly inputIds: readonly number[];
  /** Token ids to be learnt; -100 elsewhere. As many as `inputIds`. */
  readonly labels: readonly number[];
  /** Of every label that is not masked, nats; absent when they were not recorded or do not fit, see `logprobsProblem`. */
  readonly logprobs?: readonly number[];
  /** The same under the reference model. */
  readonly refLogprobs?: readonly number[];
  readonly logprobsProblem?: string;
  readonly reward?: number;
  readonly groupId: string;
  readonly metadata: JsonObject;
}

/**
 * A call as a sample for training: text, token ids, labels that leave the prompt out, and for reinforcement learning the log-probabilities of
 * the answer's tokens (recorded, and under a reference model), reward and group. With recorded token ids the sample has the very
 * tokens that were sampled.
 *
 * @throws LmdeckError as `trainingText`; `invalid-request` when log-probabilities are required and were not recorded or do not fit;
 * `invalid-response` when the reference scored other tokens.
 */
export async function trainingSample(input: StoredCall | TrainingExample, options: TrainingSampleOptions): Promise<TrainingSample> {
  const text = trainingText(input, options);
  const recorded = isCall(input) ? sampleOf(input, options.sample ?? 0).logprobs : undefined;
  const tokens = tokensOf(text, recorded, options);
  const refLogprobs = options.reference === undefined ? undefined : await referenceLogprobs(tokens, options.reference);
  const reward = options.reward ?? (isCall(input) ? scoreOf(input, 'reward', options.sample) : undefined);
  const request = isCall(input) ? input.request : createRequest({ messages: input.messages, tools: input.tools });
  return {
    ...text,
    inputIds: tokens.inputIds,
    labels: tokens.labels,
    ...(tokens.logprobs === undefined ? {} : { logprobs: tokens.logprobs }),
    ...(refLogprobs === undefined ? {} : { refLogprobs }),
    ...(tokens.problem === undefined ? {} : { logprobsProblem: tokens.problem }),
    ...(reward === undefined ? {} : { reward }),
    groupId: options.groupId ?? promptGroup(request),
    metadata: { ...(isCall(input) ? callMetadata(input) : {}), ...options.metadata },
  };
}

/** What a sample tells of its call. */
export function callMetadata(call: StoredCall): JsonObject {
  return { ...call.metadata, ...call.tags, call_id: call.id, model: call.model };
}

/**
 * A call's score under a name, tag before metadata: a number, true or false (1 and 0), `chosen` or `rejected` (1 and 0), or a list with one for
 * each sample.
 */
export function scoreOf(call: StoredCall, key: string, sample = 0): number | undefined {
  const value = callTag(call, key);
  const own: unknown = Array.isArray(value) ? value[sample] : value;
  if (typeof own === 'number') return own;
  if (own === true || own === 'chosen') return 1;
  return own === false || own === 'rejected' ? 0 : undefined;
}

function tokensOf(text: TrainingText, recorded: readonly TokenLogprob[] | undefined, options: TrainingSampleOptions): LabelledTokens {
  const { logprobs = 'recorded', tokenizer } = options;
  if (logprobs === 'none' || recorded === undefined || recorded.length === 0) {
    if (logprobs === 'required')
      throw new LmdeckError('invalid-request', 'The answer was recorded without log-probabilities. Collect them with the option logprobs.');
    return labelledTokens(text, tokenizer);
  }
  const tokens = sampledTokens(text, tokenizer, recorded);
  if (tokens.problem !== undefined && logprobs === 'required') {
    throw new LmdeckError('invalid-request', `The recorded log-probabilities do not fit the tokenizer ${tokenizer.id}: ${tokens.problem}.`);
  }
  return tokens;
}

async function referenceLogprobs(tokens: LabelledTokens, reference: NonNullable<TrainingSampleOptions['reference']>): Promise<number[]> {
  const first = tokens.labels.findIndex((label) => label !== MASKED);
  const continuation = tokens.labels.filter((label) => label !== MASKED);
  if (continuation.length === 0) return [];
  const { tokens: scored } = await reference({ context: tokens.inputIds.slice(0, first), continuation });
  const isOther = scored.findIndex((token, i) => token.tokenId !== undefined && token.tokenId !== continuation[i]);
  if (scored.length !== continuation.length || isOther >= 0) {
    const what = isOther >= 0 ? `token ${isOther} is another one` : `${scored.length} tokens in place of ${continuation.length}`;
    throw new LmdeckError(
      'invalid-response',
      `The reference model did not score the answer's tokens: ${what}. It must have the same tokenizer.`,
    );
  }
  return scored.map((token) => token.logprob);
}

/** A sample or a text with the keys of TapeAgents' `TrainingText`, which its fine-tuning and others of its kind load. */
export function trainingRecord(sample: TrainingText & Partial<TrainingSample>): JsonObject {
  return {
    text: sample.text,
    n_predicted: sample.nPredicted,
    reward: sample.reward ?? 0,
    logprobs: sample.logprobs ?? [],
    ref_logprobs: sample.refLogprobs ?? [],
    input_ids: sample.inputIds ?? [],
    labels: sample.labels ?? [],
    group_id: sample.groupId ?? null,
    metadata: sample.metadata ?? {},
  };
}
