import { LmdeckError, type JsonObject, type TokenLogprob } from '../../core/index.ts';
import type { TaskRequest } from '../tasks/evaluation-task.ts';
import { messagesOf } from './messages-of.ts';
import type { PromptReply } from './question.ts';
import type { Answered, RequestPlan } from './request-plan.ts';

/** What results say of numbers that were made in this way. */
const CHAT_LABELS_NOTE = 'scored by its label among the likeliest first tokens of a chat answer';

interface Choice {
  readonly modelId: string;
  readonly label: string;
  /** How many alternatives are asked for. */
  readonly alternatives: number;
}

/**
 * Scores a choice of a chat model, which cannot score given text, by how likely its label (A, B, C) is as the first token of the answer: one
 * call for all choices of a question. That is another number than the log-likelihood of the choice after the prompt.
 *
 * @param requests all requests of the document: no label may be taken for another one.
 * @throws LmdeckError `capability` for what cannot be asked so.
 */
export function planChatLabel(
  request: TaskRequest,
  requests: readonly TaskRequest[],
  { modelId, alternatives, options }: { readonly modelId: string; readonly alternatives: number; readonly options: JsonObject },
): RequestPlan {
  if (request.type !== 'loglikelihood')
    throw refusal(`${modelId}: chat labels answer choices; the likelihood of a whole text cannot be had from a chat answer.`);
  const { context, continuation } = request;
  if (typeof context === 'string' || context.at(-1)?.role !== 'user')
    throw refusal(
      `${modelId}: chat labels are scored after a question in a chat. Ask with the chat format (--apply_chat_template), without gen_prefix and metrics that need an empty context.`,
    );
  const label = continuation.trim();
  const labels = requests.flatMap((each) => (each.type === 'loglikelihood' ? [each.continuation.trim()] : []));
  const like =
    label === '' ? label : labels.find((other, i) => requests[i] !== request && (other.startsWith(label) || label.startsWith(other)));
  if (like !== undefined)
    throw refusal(
      `${modelId}: the choices ${JSON.stringify(label)} and ${JSON.stringify(like)} cannot be told apart by the first token of an answer. Chat labels must be different single tokens, such as A, B, C.`,
    );
  return {
    questions: [
      {
        type: 'prompt',
        prompt: messagesOf(context),
        options: { ...options, maxTokens: 1, temperature: 0, topLogprobs: alternatives },
        draw: 0,
      },
    ],
    answer: ([reply]) => {
      if (reply?.type !== 'prompt') throw new LmdeckError('internal', `${modelId}: a label has no answer.`);
      return labelAnswer(reply, { modelId, label, alternatives });
    },
  };
}

function labelAnswer({ logprobs, callId }: PromptReply, choice: Choice): Answered {
  const { modelId, label, alternatives } = choice;
  const first = logprobs?.[0];
  if (first?.top === undefined || first.top.length === 0)
    throw refusal(
      `${modelId} gives no alternatives of the first token of its answers (top_logprobs): labels cannot be scored. Use a model that scores given text.`,
    );
  const listed = alternativesOf(first);
  const own = listed.filter(({ token }) => plain(token) === label);
  if (own.length === 0) {
    const piece = listed.find(({ token }) => plain(token) !== '' && label.startsWith(plain(token)));
    throw new LmdeckError(
      'invalid-response',
      piece === undefined
        ? `${modelId}: the label ${JSON.stringify(label)} is not among the ${listed.length} likeliest first tokens of the answer (${alternatives} were asked for), so it has no score.`
        : `${modelId}: the label ${JSON.stringify(label)} is no single token (the answer can begin with ${JSON.stringify(piece.token)}). Chat labels must be single tokens, such as A, B, C.`,
      { data: { label, listed: listed.map(({ token }) => token) } },
    );
  }
  const best = Math.max(...listed.map((each) => each.logprob));
  return {
    response: { logprob: logSum(own.map((each) => each.logprob)), isGreedy: own.some((each) => each.logprob === best) },
    calls: callId === undefined ? [] : [callId],
    notes: [CHAT_LABELS_NOTE],
    truncatedTokens: 0,
  };
}

/** The listed alternatives, and the sampled token where it is not among them. */
function alternativesOf({ token, logprob, top = [] }: TokenLogprob): readonly { readonly token: string; readonly logprob: number }[] {
  return top.some((each) => each.token === token) ? top : [...top, { token, logprob }];
}

/** A token without the space that it begins with: `A` and ` A` say the same. */
function plain(token: string): string {
  return token.replace(/^[▁Ġ\s]+/u, '').trimEnd();
}

function logSum(logprobs: readonly number[]): number {
  const most = Math.max(...logprobs);
  return most + Math.log(logprobs.reduce((sum, each) => sum + Math.exp(each - most), 0));
}

function refusal(message: string): LmdeckError {
  return new LmdeckError('capability', message);
}
