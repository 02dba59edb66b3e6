import {
  LmdeckError,
  MessageAssembler,
  type ErrorInfo,
  type Finish,
  type Message,
  type ModelEvent,
  type TokenLogprob,
  type Usage,
} from '../../core/index.ts';
import { AnswerDecoder } from './answer-decoder.ts';
import type { BodyDecoder } from './body-decoder.ts';
import { httpError } from '../../transport/index.ts';

/** A recorded response to decode. */
export interface RecordedResponse {
  /** Which request it answers. Both formats are read by the same decoder. */
  readonly api: 'chat' | 'completions';
  /** The body as it came: an event stream or JSON. */
  readonly body: Uint8Array;
  /** HTTP status; 200 when absent. */
  readonly status?: number | undefined;
  readonly contentType?: string | undefined;
  /** Feeds the decoder this many bytes at a time; all at once when absent. */
  readonly split?: number | undefined;
}

/** What a recorded response says, in lmdeck's terms. */
export interface DecodedResponse {
  readonly samples: readonly { readonly message: Message; readonly finish?: Finish; readonly logprobs?: readonly TokenLogprob[] }[];
  /** Token counts; absent ones are unknown. */
  readonly usage: Usage;
  readonly error: ErrorInfo | null;
  readonly responseId?: string;
  readonly resolvedModel?: string;
  /** How many events the model would have yielded. */
  readonly events: number;
}

const ENDPOINT = 'openai-compatible';

/**
 * Decodes a recorded response of an OpenAI-compatible server through exactly the code that the models use. An answer that
 * is an error is decoded too: `error` says which, `samples` holds what came before it.
 *
 * @example
 * ```ts
 * import { decodeResponse } from 'lmdeck/models';
 *
 * const body = new TextEncoder().encode('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
 * const decoded = decodeResponse({ api: 'chat', body, split: 3 });
 * console.log(decoded.samples[0]?.message.parts); // [ { type: 'text', text: 'Hi' } ]
 * ```
 */
export function decodeResponse({ body, status = 200, contentType, split }: RecordedResponse): DecodedResponse {
  const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType };
  if (status >= 300) return decodedResponse([], httpError(ENDPOINT, { status, headers }, new TextDecoder().decode(body)));
  return decodedBody(new AnswerDecoder({ endpoint: ENDPOINT, turn: 0, reasoningField: undefined }), body, split);
}

/**
 * What a body says, fed to its decoder in pieces of `split` bytes.
 * @throws LmdeckError `usage` for a size that is none.
 */
export function decodedBody(decoder: BodyDecoder, body: Uint8Array, split = Math.max(1, body.length)): DecodedResponse {
  if (!Number.isInteger(split) || split < 1) throw new LmdeckError('usage', `split must be a whole number of bytes from 1, not ${split}.`);
  const events: ModelEvent[] = [];
  try {
    for (let start = 0; start < body.length; start += split) decoder.push(body.subarray(start, start + split), events);
    decoder.end(events);
  } catch (error) {
    decoder.breakOff(events);
    return decodedResponse(events, LmdeckError.from(error));
  }
  return decodedResponse(events, undefined);
}

/** What the events of an answer, and the error that ended it, say. */
export function decodedResponse(events: readonly ModelEvent[], error: LmdeckError | undefined): DecodedResponse {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  return {
    samples: assembler.samples(),
    usage: assembler.usage ?? {},
    error: error?.toInfo() ?? null,
    ...(assembler.responseId === undefined ? {} : { responseId: assembler.responseId }),
    ...(assembler.resolvedModel === undefined ? {} : { resolvedModel: assembler.resolvedModel }),
    events: events.length,
  };
}
