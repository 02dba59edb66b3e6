import {
  LmdeckError,
  type CallContext,
  type JsonObject,
  type JsonValue,
  type ScoredText,
  type ScoreRequest,
  type TokenLogprob,
  type Usage,
} from '../../../core/index.ts';
import { encodeMessages } from '../encode-messages.ts';
import { pickFromIds, pickFromText, placeAtEnd, scoredTokens } from './pick-continuation.ts';
import { renderedContext } from './rendered-context.ts';
import { scoreItem, type ScoreItem } from './score-item.ts';
import {
  askServer,
  completionAnswer,
  extraFields,
  isRejection,
  oneAfterAnother,
  scoredText,
  type CompletionAnswer,
  type ScoreBackend,
  type ScoreServer,
} from './score-server.ts';
import { echoedTokens, promptTokens, type ServedTokens } from './served-tokens.ts';
import { takeOutArrays, type UnreadArray } from './unread-arrays.ts';

/** How a server tells the log-probabilities of a prompt. */
export interface PromptDialect {
  readonly name: string;
  /** The fields that ask for them. */
  readonly fields: JsonObject;
  /** How many tokens of its own the server adds to those of the prompt. */
  readonly generated: number;
  /** Takes messages too (vLLM's chat completions). */
  readonly chat: boolean;
  /** The special tokens that the server puts before a text by itself. */
  readonly bos: string;
  /** The field of a choice whose arrays are parsed only where they are needed; absent: all is parsed. */
  readonly unread?: string;
  /** The prompt's tokens, without the last `generated` ones. */
  tokens(choice: JsonObject, generated: number, unread?: readonly UnreadArray[]): ServedTokens | undefined;
}

/** Raw completions with `echo`: what lm-evaluation-harness asks for. */
export const ECHO = {
  name: 'echo with logprobs',
  fields: { temperature: 0, max_tokens: 1, logprobs: 1, echo: true },
  unread: 'top_logprobs',
  tokens: echoedTokens,
} as const;

/** vLLM's own: token ids and ranks instead of texts and alternatives. */
export const PROMPT_LOGPROBS = {
  name: 'prompt_logprobs',
  fields: { temperature: 0, max_tokens: 1, prompt_logprobs: 0 },
  tokens: (choice: JsonObject, generated: number) => promptTokens(choice['prompt_logprobs'], generated),
} as const;

type Outcome = ScoredText | LmdeckError;
type PromptItem = Exclude<ScoreItem, { readonly kind: 'chat' }>;

/** A text that goes to /completions, and the request that it is for. */
interface Prompt {
  readonly request: ScoreRequest;
  readonly item: PromptItem;
}

/** Scores on servers that tell the log-probabilities of a prompt: all prompts in one request where the server takes that. */
export function promptScoring(server: ScoreServer, dialect: PromptDialect): ScoreBackend {
  /** Kinds of prompts that failed together and then worked alone. */
  const oneByOne = new Set<PromptItem['kind']>();

  return { name: dialect.name, scores };

  async function scores(requests: readonly ScoreRequest[], context: CallContext): Promise<readonly Outcome[]> {
    const outcomes = new Map<ScoreRequest, Outcome>();
    const kinds: Record<PromptItem['kind'], Prompt[]> = { text: [], tokens: [] };
    const chats: Promise<void>[] = [];
    for (const request of requests) {
      try {
        const item = await placed(scoreItem(request), context);
        if (item.kind === 'chat') chats.push(chatScore(request, item, context).then((outcome) => void outcomes.set(request, outcome)));
        else kinds[item.kind].push({ request, item });
      } catch (error) {
        outcomes.set(request, LmdeckError.from(error));
      }
    }
    const lists = Object.values(kinds).map(async (prompts) => {
      for (const [i, outcome] of (await promptScores(prompts, context)).entries()) {
        const prompt = prompts[i];
        if (prompt !== undefined) outcomes.set(prompt.request, outcome);
      }
    });
    await Promise.all([...lists, ...chats]);
    return requests.map((request) => outcomes.get(request) ?? new LmdeckError('internal', `${server.modelId}: a text got no score.`));
  }

  /** Messages that the server does not take are rendered here; a text that nothing stands before gets the model's BOS. */
  async function placed(item: ScoreItem, context: CallContext): Promise<ScoreItem> {
    if (item.kind === 'chat')
      return dialect.chat
        ? item
        : { kind: 'text', context: await renderedContext(item, context, dialect.bos), continuation: item.continuation };
    if (item.kind !== 'text' || item.context !== '' || dialect.bos !== '') return item;
    const tokenizer = await context.model.tokenizer?.().catch(() => undefined);
    return { ...item, context: (tokenizer?.bos ?? tokenizer?.eos)?.text ?? '' };
  }

  async function promptScores(prompts: readonly Prompt[], context: CallContext): Promise<readonly Outcome[]> {
    const [first] = prompts;
    if (first === undefined) return [];
    if (prompts.length > 1 && !oneByOne.has(first.item.kind)) {
      try {
        return await complete(prompts, context);
      } catch (error) {
        if (!isRejection(error)) throw error;
      }
      const outcomes = await each(prompts, context);
      if (!outcomes.some((outcome) => LmdeckError.isInstance(outcome))) oneByOne.add(first.item.kind);
      return outcomes;
    }
    return each(prompts, context);
  }

  /** Every prompt in a request of its own, so that one that the server rejects concerns nobody else. */
  function each(prompts: readonly Prompt[], context: CallContext): Promise<readonly Outcome[]> {
    return oneAfterAnother(prompts, async (prompt) => {
      const [outcome] = await complete([prompt], context);
      if (outcome === undefined) throw withoutTokens();
      return outcome;
    });
  }

  async function complete(prompts: readonly Prompt[], context: CallContext): Promise<readonly Outcome[]> {
    const bodies: JsonValue[] = prompts.map(({ item }) =>
      item.kind === 'text' ? item.context + item.continuation : [...item.context, ...item.continuation],
    );
    const prompt = bodies.length === 1 ? (bodies[0] ?? '') : bodies;
    const body = { ...extraFields(server, prompts[0]?.request), model: server.target.model, prompt, ...dialect.fields };
    let unread: readonly UnreadArray[] = [];
    const shorten = (text: string): string => {
      if (dialect.unread === undefined) return text;
      const shortened = takeOutArrays(text, dialect.unread);
      unread = shortened.arrays;
      return shortened.text;
    };
    const answer = await askServer(server.client, '/completions', body, context, shorten);
    return read(completionAnswer(answer, prompts.length, server.target.name), prompts, unread);
  }

  function read({ body, choices }: CompletionAnswer, prompts: readonly Prompt[], unread: readonly UnreadArray[]): readonly Outcome[] {
    return prompts.map(({ item }, i) => {
      try {
        const served = dialect.tokens(choices[i] ?? {}, dialect.generated, unread);
        if (served === undefined) throw withoutTokens();
        return scoredText(pick(item, served), usageOf((served.lean?.texts ?? served.tokens).length), body);
      } catch (error) {
        return LmdeckError.from(error);
      }
    });
  }

  function pick(item: PromptItem, served: ServedTokens): readonly TokenLogprob[] {
    const { modelId } = server;
    if (item.kind === 'tokens') return pickFromIds(item.context.length, item.continuation, served, modelId);
    return pickFromText(item.context, item.continuation, served, modelId);
  }

  async function chatScore(request: ScoreRequest, item: ScoreItem & { kind: 'chat' }, context: CallContext): Promise<Outcome> {
    const { target, client, modelId } = server;
    try {
      const messages = [...encodeMessages(item.messages, target), { role: 'assistant', content: item.continuation }];
      const open = { add_generation_prompt: false, continue_final_message: true };
      const body = await askServer(
        client,
        '/chat/completions',
        { ...extraFields(server, request), model: target.model, messages, ...open, ...dialect.fields },
        context,
      );
      // The answer's own tokens are not among those of the prompt.
      const served = dialect.tokens(body, 0);
      if (served === undefined) throw withoutTokens();
      return scoredText(scoredTokens(placeAtEnd(item.continuation, served, modelId), modelId), usageOf(served.tokens.length), body);
    } catch (error) {
      return LmdeckError.from(error);
    }
  }

  function usageOf(inputTokens: number): Usage {
    return { inputTokens, outputTokens: dialect.generated };
  }

  function withoutTokens(): LmdeckError {
    return new LmdeckError(
      'invalid-response',
      `${server.modelId}: the answer has no log-probabilities of the prompt, although an earlier one had (${dialect.name}).`,
    );
  }
}
