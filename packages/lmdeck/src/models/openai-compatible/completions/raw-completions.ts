import {
  canonicalJson,
  Gatherer,
  LmdeckError,
  type CallContext,
  type ModelEvent,
  type ModelEvents,
  type ModelRequest,
} from '../../../core/index.ts';
import type { HttpResponse } from '../../../transport/index.ts';
import { AnswerDecoder } from '../answer-decoder.ts';
import { AnswerIterator } from '../answer-iterator.ts';
import type { AnswerSettings } from '../choice-decoder.ts';
import { decodeChatCompletion } from '../decode-chat-completion.ts';
import type { EncodingTarget } from '../encode-chat-request.ts';
import type { EndpointClient } from '../endpoint-client.ts';
import { encodeCompletionRequest, rawPrompt } from './encode-completion-request.ts';
import { decodePromptBatch } from './decode-prompt-batch.ts';

const PATH = '/completions';

/**
 * Answers raw prompts (`/completions`). Prompts that are asked at the same time, alike but for their text and not read in pieces, go into one request
 * when `batch` says how many it may have.
 */
export function rawCompletions(
  client: EndpointClient,
  target: EncodingTarget,
  batch: number,
): (request: ModelRequest, context: CallContext) => ModelEvents {
  const settings: AnswerSettings = { endpoint: target.name, turn: 1, reasoningField: undefined };
  /** Kinds of prompts that failed together and then worked alone. */
  const alone = new Set<string>();
  const gatherer = new Gatherer<ModelRequest, readonly ModelEvent[]>({
    size: batch,
    kind: (request) => canonicalJson([kindOf(request), request.options, request.samples ?? 1, request.sample ?? 0]),
    send: (requests, context) => together(requests, context),
  });

  return (request, context) => {
    if (context.stream) {
      const open = () => send([request], context, true);
      return { [Symbol.asyncIterator]: () => new AnswerIterator(open, new AnswerDecoder(settings), settings.hide) };
    }
    return {
      async *[Symbol.asyncIterator]() {
        yield batch > 1 && !alone.has(kindOf(request)) ? await gatherer.ask(request, context) : await one(request, context);
      },
    };
  };

  async function together(
    requests: readonly ModelRequest[],
    context: CallContext,
  ): Promise<readonly (readonly ModelEvent[] | LmdeckError)[]> {
    const [first] = requests;
    if (first !== undefined && requests.length > 1) {
      try {
        const response = await send(requests, context, false);
        return decodePromptBatch(await response.text(), requests, settings);
      } catch (error) {
        // One that is too long, or a server that takes one prompt at a time: alone each gets its own outcome.
        if (!LmdeckError.isInstance(error) || (error.code !== 'invalid-request' && error.code !== 'invalid-response')) throw error;
      }
    }
    const outcomes = await Promise.all(requests.map((request) => one(request, context).catch((error: unknown) => LmdeckError.from(error))));
    if (first !== undefined && requests.length > 1 && !outcomes.some((outcome) => LmdeckError.isInstance(outcome)))
      alone.add(kindOf(first));
    return outcomes;
  }

  async function one(request: ModelRequest, context: CallContext): Promise<readonly ModelEvent[]> {
    const response = await send([request], context, false);
    const events: ModelEvent[] = [];
    decodeChatCompletion(await response.text(), settings, events);
    return events;
  }

  async function send(requests: readonly ModelRequest[], context: CallContext, stream: boolean): Promise<HttpResponse> {
    try {
      return await client.send(
        PATH,
        encodeCompletionRequest(requests, target, stream),
        stream ? 'text/event-stream' : 'application/json',
        context,
      );
    } catch (error) {
      if (!LmdeckError.isInstance(error) || (error.status !== 404 && error.status !== 405 && error.status !== 501)) throw error;
      throw new LmdeckError(
        'capability',
        `${context.model.id} takes no raw prompts: ${error.message} Give it messages, or take a model that continues raw text.`,
        { status: error.status, data: { ...error.data, model: context.model.id, capability: 'raw' }, cause: error },
      );
    }
  }
}

function kindOf(request: ModelRequest): 'text' | 'tokens' {
  return typeof rawPrompt(request) === 'string' ? 'text' : 'tokens';
}
