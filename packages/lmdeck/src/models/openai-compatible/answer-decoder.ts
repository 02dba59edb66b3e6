import { isJsonObject, LmdeckError, type JsonObject, type ModelEvent } from '../../core/index.ts';
import { SseDecoder, type ServerSentEvent } from '../../transport/index.ts';
import type { BodyDecoder } from './body-decoder.ts';
import { copyOf, isBlank, isStreamText, lenientJson } from './body-text.ts';
import { ChatStreamDecoder } from './chat-stream-decoder.ts';
import type { AnswerSettings } from './choice-decoder.ts';
import { ChunkParser } from './chunk-parser.ts';
import { decodeChatCompletion } from './decode-chat-completion.ts';
import { providerError } from './provider-error.ts';
import { excerpt, notFinite, unexpectedAnswer } from './unexpected-answer.ts';

const DONE = '[DONE]';
/** How much of a body is kept until its first event, to be shown when it turns out not to be an event stream. */
const MAX_HEAD_BYTES = 512;

/**
 * Decodes the body of an answer from bytes that may be split anywhere. What it is shows in its first character, not in
 * headers that proxies and servers get wrong: an event stream, one JSON object, or a web page.
 */
export class AnswerDecoder implements BodyDecoder {
  readonly #settings: AnswerSettings;
  readonly #chunks: ChatStreamDecoder;
  readonly #parser = new ChunkParser();
  #sse: SseDecoder | undefined;
  #isText = false;
  /** The body so far where it is not an event stream; else its beginning. */
  #bytes: Uint8Array[] = [];
  #headBytes = 0;
  #events = 0;
  #done = false;

  constructor(settings: AnswerSettings) {
    this.#settings = settings;
    this.#chunks = new ChatStreamDecoder(settings);
  }

  /** True once the server said `[DONE]`: nothing after it counts. */
  get done(): boolean {
    return this.#done;
  }

  /**
   * Adds the events of these bytes to `out`.
   * @throws LmdeckError an error that the server sent, `invalid-response` for what is not the protocol.
   */
  push(bytes: Uint8Array, out: ModelEvent[]): void {
    if (this.#done) return;
    if (this.#sse === undefined) this.#begin(bytes, out);
    else this.#stream(this.#sse, bytes, out);
  }

  /**
   * The body has ended.
   * @throws LmdeckError `incomplete-response` when the answer had not; what {@link AnswerDecoder.push} throws.
   */
  end(out: ModelEvent[]): void {
    if (this.#done) return;
    const { endpoint } = this.#settings;
    if (this.#sse === undefined) {
      this.#done = true;
      const text = this.#text();
      if (text.trim() === '') throw new LmdeckError('incomplete-response', `${endpoint}: the connection ended before any answer.`);
      return decodeChatCompletion(text, this.#settings, out);
    }
    if (this.#events === 0 && !isStreamText(this.#text())) throw unexpectedAnswer(this.#text(), endpoint);
    if (!this.#chunks.looksComplete) {
      this.breakOff(out);
      throw new LmdeckError(
        'incomplete-response',
        `${endpoint}: the stream ended before the answer did: no finish reason and no ${DONE} in ${this.#events} events.`,
      );
    }
    this.#finish(out);
  }

  /** The body broke off, or what it said is an error: closes what is certain. */
  breakOff(out: ModelEvent[]): void {
    if (!this.#done) this.#chunks.end(out, false);
    this.#done = true;
  }

  /** Holds the bytes until one of them tells what this is. */
  #begin(bytes: Uint8Array, out: ModelEvent[]): void {
    this.#bytes.push(copyOf(bytes));
    if (this.#isText) return;
    const first = bytes.find((byte) => !isBlank(byte));
    if (first === undefined) return;
    if (first === 0x7b || first === 0x5b || first === 0x3c) {
      this.#isText = true;
      return;
    }
    const sse = (this.#sse = new SseDecoder());
    const held = this.#bytes;
    this.#bytes = [];
    for (const each of held) this.#stream(sse, each, out);
  }

  #stream(sse: SseDecoder, bytes: Uint8Array, out: ModelEvent[]): void {
    if (this.#events === 0 && this.#headBytes < MAX_HEAD_BYTES) {
      const head = copyOf(bytes.subarray(0, MAX_HEAD_BYTES - this.#headBytes));
      this.#headBytes += head.length;
      this.#bytes.push(head);
    }
    for (const event of sse.push(bytes)) {
      this.#event(event, out);
      if (this.#done) return;
    }
  }

  #text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#bytes));
  }

  #event(event: ServerSentEvent, out: ModelEvent[]): void {
    this.#events++;
    const { data } = event;
    if (event.event === 'error') throw providerError(this.#settings.endpoint, lenientJson(data));
    if (data === DONE) return this.#finish(out);
    if (data === '') return;
    const chunk = this.#parse(event);
    if (chunk !== undefined) this.#chunks.push(chunk, out);
  }

  #parse(event: ServerSentEvent): JsonObject | undefined {
    let cause: unknown;
    try {
      const value = this.#parser.parse(event.data);
      if (isJsonObject(value)) return value;
    } catch (error) {
      cause = error;
    }
    // An event of a kind of its own (ping, keep-alive) may carry what it likes.
    if (event.event !== undefined && event.event !== 'message') return undefined;
    const where = `${this.#settings.endpoint}: event ${this.#events} of the stream`;
    throw (
      notFinite(event.data, where, cause) ??
      new LmdeckError('invalid-response', `${where} is not a JSON object: ${excerpt(event.data)}`, { cause })
    );
  }

  #finish(out: ModelEvent[]): void {
    this.#done = true;
    this.#chunks.end(out, true);
    if (!this.#chunks.hasChoice) {
      throw new LmdeckError('incomplete-response', `${this.#settings.endpoint}: the stream ended without any answer in it.`);
    }
  }
}
