import { isJsonObject, LmdeckError, type JsonObject, type ModelEvent } from '../../core/index.ts';
import { SseDecoder, type ServerSentEvent } from '../../transport/index.ts';
import type { BodyDecoder } from '../openai-compatible/body-decoder.ts';
import { copyOf, isBlank, isStreamText, lenientJson } from '../openai-compatible/body-text.ts';
import { parsedAnswer } from '../openai-compatible/parsed-answer.ts';
import { providerError } from '../openai-compatible/provider-error.ts';
import { excerpt, unexpectedAnswer } from '../openai-compatible/unexpected-answer.ts';
import type { AnswerProtocol } from './answer-protocol.ts';
import type { StreamedAnswer } from './streamed-answer.ts';

/** No provider ends its streams like this, but proxies that also speak OpenAI's protocol do. */
const DONE = '[DONE]';
/** How much of a body is kept that is in no event: its beginning, or what comes after the last event. */
const MAX_ASIDE_BYTES = 16_384;

/**
 * Decodes the body of an answer from bytes that may be split anywhere. What it is shows in its first character, not in headers: an event
 * stream, JSON (an answer that came whole, though it may have been asked for in pieces), or a web page.
 */
export class AnswerBody implements BodyDecoder {
  readonly #protocol: AnswerProtocol;
  readonly #endpoint: string;
  readonly #answer: StreamedAnswer;
  #sse: SseDecoder | undefined;
  #isText = false;
  /** The body so far where it is not an event stream; else bytes that made no event, from the last one on. */
  #aside: Uint8Array[] = [];
  #asideBytes = 0;
  #events = 0;
  #done = false;

  constructor(protocol: AnswerProtocol, endpoint: string) {
    this.#protocol = protocol;
    this.#endpoint = endpoint;
    this.#answer = protocol.streamed(endpoint);
  }

  get done(): boolean {
    return this.#done;
  }

  push(bytes: Uint8Array, out: ModelEvent[]): void {
    if (this.#done) return;
    if (this.#sse !== undefined) return this.#stream(this.#sse, bytes, out);
    this.#aside.push(copyOf(bytes));
    if (this.#isText) return;
    const first = bytes.find((byte) => !isBlank(byte));
    if (first === undefined) return;
    this.#isText = first === 0x7b || first === 0x5b || first === 0x3c;
    if (this.#isText) return;
    const sse = (this.#sse = new SseDecoder());
    for (const held of this.#aside.splice(0)) if (!this.#done) this.#stream(sse, held, out);
  }

  end(out: ModelEvent[]): void {
    if (this.#done) return;
    const text = new TextDecoder().decode(Buffer.concat(this.#aside));
    if (this.#sse === undefined) {
      this.#done = true;
      if (text.trim() === '') throw new LmdeckError('incomplete-response', `${this.#endpoint}: the connection ended before any answer.`);
      for (const event of this.#protocol.decode(parsedAnswer(text, this.#endpoint), this.#endpoint)) out.push(event);
      return;
    }
    if (this.#events === 0 && !isStreamText(text)) throw unexpectedAnswer(text, this.#endpoint);
    // Google's servers, and proxies, write an error as it is behind the events that they had sent.
    const last = this.#answer.isComplete ? undefined : lenientJson(/(?:^|[\r\n])\s*(\{[^]*)$/.exec(text)?.[1] ?? '');
    if (isJsonObject(last) && last['error'] !== undefined) throw providerError(this.#endpoint, last);
    this.#close(out);
  }

  breakOff(out: ModelEvent[]): void {
    if (!this.#done) this.#answer.end(out, false);
    this.#done = true;
  }

  #stream(sse: SseDecoder, bytes: Uint8Array, out: ModelEvent[]): void {
    const events = sse.push(bytes);
    if (events.length > 0) {
      this.#aside = [];
      this.#asideBytes = 0;
    }
    const rest = MAX_ASIDE_BYTES - this.#asideBytes;
    if (rest > 0) {
      const kept = copyOf(events.length > 0 ? bytes.subarray(-rest) : bytes.subarray(0, rest));
      this.#aside.push(kept);
      this.#asideBytes += kept.length;
    }
    for (const event of events) {
      this.#event(event, out);
      if (this.#done) return;
    }
  }

  #event(event: ServerSentEvent, out: ModelEvent[]): void {
    this.#events++;
    const { data } = event;
    if (event.event === 'error') throw providerError(this.#endpoint, lenientJson(data));
    if (data === '') return;
    if (data === DONE) return this.#close(out);
    const chunk = this.#parse(event);
    if (chunk !== undefined) this.#answer.push(chunk, out);
    if (this.#answer.done) this.#close(out);
  }

  #parse(event: ServerSentEvent): JsonObject | undefined {
    const value = lenientJson(event.data);
    if (isJsonObject(value)) return value;
    // An event of a kind of its own may carry what it likes.
    if (event.event !== undefined && event.event !== 'message') return undefined;
    throw new LmdeckError(
      'invalid-response',
      `${this.#endpoint}: event ${this.#events} of the stream is not a JSON object: ${excerpt(event.data)}`,
    );
  }

  /** Nothing more comes: by then the answer must be complete. */
  #close(out: ModelEvent[]): void {
    const complete = this.#answer.done || this.#answer.isComplete;
    this.#done = true;
    this.#answer.end(out, complete);
    if (complete) return;
    throw new LmdeckError(
      'incomplete-response',
      `${this.#endpoint}: the stream ended before the answer did: no ${this.#protocol.lastWord} in ${this.#events} events.`,
    );
  }
}
