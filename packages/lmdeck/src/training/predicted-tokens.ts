import type { LocalTokenizer, TokenIds, TokenLogprob } from '../core/index.ts';
import type { TrainingText } from './training-text.ts';

/** The value of labels that are not learnt: what PyTorch's cross entropy ignores. */
export const MASKED = -100;

/** A training text as tokens. */
export interface LabelledTokens {
  readonly inputIds: TokenIds;
  /** `inputIds` where something is to be learnt, {@link MASKED} elsewhere. */
  readonly labels: readonly number[];
  /** The log-probabilities of the labels that are not masked, in their order; absent when they were not recorded, or do not fit. */
  readonly logprobs?: readonly number[];
  /** Why recorded log-probabilities do not fit. */
  readonly problem?: string;
}

/** The tokens of a text, labelled where they overlap the answer. */
export function labelledTokens(text: TrainingText, tokenizer: LocalTokenizer): LabelledTokens {
  const { ids, offsets } = tokenizer.encodeWithOffsets(text.text, { special: 'token' });
  const from = text.promptText.length;
  const lead = leadingBos(text, tokenizer);
  const labels = ids.map((id, i) => {
    const [start, end] = offsets[i] ?? [0, 0];
    return start < text.text.length && from < end ? id : MASKED;
  });
  return { inputIds: [...lead, ...ids], labels: [...lead.map(() => MASKED), ...labels] };
}

/**
 * The tokens that the model really sampled, after those of the prompt: tokenizing its text again need not give the same ones. What the template
 * puts behind the answer and was not sampled is left away, so that every label has its log-probability.
 */
export function sampledTokens(text: TrainingText, tokenizer: LocalTokenizer, recorded: readonly TokenLogprob[]): LabelledTokens {
  const ids = recorded.map(tokenIdOf);
  if (ids.every((id) => id !== undefined)) return byIds(text, tokenizer, ids, recorded);
  return byTexts(labelledTokens(text, tokenizer), tokenizer, recorded);
}

function byIds(text: TrainingText, tokenizer: LocalTokenizer, ids: TokenIds, recorded: readonly TokenLogprob[]): LabelledTokens {
  const said = tokenizer.decode(ids);
  if (!text.outputText.startsWith(said)) {
    const problem = `the recorded tokens say ${shown(said)}, but the template renders the answer as ${shown(text.outputText)}`;
    return { ...labelledTokens(text, tokenizer), problem };
  }
  const prompt = [...leadingBos(text, tokenizer), ...tokenizer.encode(text.promptText, { special: 'token' })];
  return {
    inputIds: [...prompt, ...ids],
    labels: [...prompt.map(() => MASKED), ...ids],
    logprobs: recorded.map((token) => token.logprob),
  };
}

function byTexts(tokens: LabelledTokens, tokenizer: LocalTokenizer, recorded: readonly TokenLogprob[]): LabelledTokens {
  const first = tokens.labels.findIndex((label) => label !== MASKED);
  for (const [i, token] of recorded.entries()) {
    const id = first < 0 ? undefined : tokens.inputIds[first + i];
    if (id !== undefined && Buffer.compare(tokenizer.bytes(id), bytesOf(token)) === 0) continue;
    const found = id === undefined ? 'nothing' : shown(Buffer.from(tokenizer.bytes(id)).toString());
    return { ...tokens, problem: `the recorded token ${i} is ${shown(token.token)}, but the tokenizer makes ${found} of the text there` };
  }
  const end = first + recorded.length;
  return {
    inputIds: tokens.inputIds,
    labels: tokens.labels.map((label, i) => (i < end ? label : MASKED)),
    logprobs: recorded.map((token) => token.logprob),
  };
}

/** Some servers write `token_id:123` in place of a token's text. */
function tokenIdOf({ token, tokenId }: TokenLogprob): number | undefined {
  if (tokenId !== undefined) return tokenId;
  const id = /^token_id:(\d+)$/.exec(token)?.[1];
  return id === undefined ? undefined : Number(id);
}

function bytesOf({ bytes, token }: TokenLogprob): Uint8Array {
  return bytes === undefined ? Buffer.from(token) : Uint8Array.from(bytes);
}

/** The BOS that was taken off the text, which the trainer's tokenizer puts there. */
function leadingBos(text: TrainingText, tokenizer: LocalTokenizer): TokenIds {
  return text.bosStripped && tokenizer.bos !== undefined ? [tokenizer.bos.id] : [];
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}
