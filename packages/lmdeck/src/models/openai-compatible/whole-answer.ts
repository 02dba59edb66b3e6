import { EventPipe, type EventReceiver, type ModelEvent } from '../../core/index.ts';
import type { HttpResponse } from '../../transport/index.ts';
import { AnswerDecoder } from './answer-decoder.ts';
import type { AnswerSettings } from './choice-decoder.ts';
import { decodeChatCompletion } from './decode-chat-completion.ts';

/** The events of an answer that comes in one piece, as one item. A failure is told after the events that came before it. */
export class WholeAnswer extends EventPipe {
  readonly #open: () => Promise<HttpResponse>;
  readonly #settings: AnswerSettings;
  #asked = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(open: () => Promise<HttpResponse>, settings: AnswerSettings) {
    super();
    this.#open = open;
    this.#settings = settings;
  }

  pull(receiver: EventReceiver): void {
    if (!this.#asked) void this.#ask(receiver);
    else if (this.#failure === undefined) receiver.ended();
    else receiver.failed(this.#failure.error);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#asked = true;
    this.#failure = undefined;
    return { done: true, value: undefined };
  }

  async #ask(receiver: EventReceiver): Promise<void> {
    this.#asked = true;
    const out: ModelEvent[] = [];
    try {
      const response = await this.#open();
      const text = await response.text();
      if (text.startsWith('{')) decodeChatCompletion(text, this.#settings, out);
      else decodeUnasked(text, this.#settings, out);
    } catch (thrown) {
      const error = this.#settings.hide?.(thrown) ?? thrown;
      if (out.length === 0) return receiver.failed(error);
      this.#failure = { error };
    }
    receiver.received(out);
  }
}

/** Some servers stream although they were not asked to. */
function decodeUnasked(text: string, settings: AnswerSettings, out: ModelEvent[]): void {
  const decoder = new AnswerDecoder(settings);
  try {
    decoder.push(Buffer.from(text), out);
    decoder.end(out);
  } catch (error) {
    decoder.breakOff(out);
    throw error;
  }
}
