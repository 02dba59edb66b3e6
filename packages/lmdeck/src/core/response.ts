import { LmdeckError } from './error.ts';
import type { Finish } from './finish.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { MessageAssembler, type Sample } from './message-assembler.ts';
import { messageText, type Message } from './message.ts';
import { asBatch, type ModelEvent } from './model-event.ts';
import type { ModelRequest } from './model-request.ts';
import type { CallContext } from './model.ts';
import type { PromptInput, PromptOptions } from './prompt-options.ts';
import type { TokenLogprob } from './token-logprob.ts';
import type { Usage } from './usage.ts';
import type { Next } from './wrapper.ts';

/** A tool call of an answer, its arguments parsed. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** The parsed arguments; absent when the model wrote something that is not a JSON object (see `error`). */
  readonly arguments?: JsonObject;
  /** The arguments as the model wrote them. */
  readonly argumentsText: string;
  readonly error?: string;
}

/** How to start the call that a {@link Response} stands for. */
export interface ResponseSource {
  /** What to ask; a function when it depends on an answer that is not there yet. */
  readonly request: ModelRequest | (() => Promise<ModelRequest>);
  /** Makes the context when the call starts; `stream` tells whether somebody reads piece by piece. */
  readonly context: (stream: boolean, signal: AbortSignal) => CallContext;
  readonly run: Next;
  /** The caller's own signal. */
  readonly signal?: AbortSignal | undefined;
  /** Makes the next turn; `history` resolves once this answer is complete. */
  readonly reply: (before: Response, input: PromptInput, options: PromptOptions | undefined) => Response;
}

type State = 'idle' | 'running' | 'done' | 'failed';

/**
 * The answer to a prompt. Lazy: nothing is sent until it is read. One consumer reads it as it comes; whoever reads after
 * that gets the finished events again. Reading slowly holds the sender back; leaving the loop ends the call.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 *
 * const model = languageModel(mock({ outputs: ['Hello, world'] }));
 * const response = model.prompt('Say hello');
 * for await (const text of response) process.stdout.write(text);
 * console.log(await response.usage());
 * ```
 */
export class Response implements AsyncIterable<string>, AsyncDisposable {
  readonly #source: ResponseSource;
  readonly #assembler = new MessageAssembler();
  readonly #batches: (readonly ModelEvent[])[] = [];
  #state: State = 'idle';
  #request: ModelRequest | undefined;
  #context: CallContext | undefined;
  #controller: AbortController | undefined;
  #iterator: AsyncIterator<ModelEvent | readonly ModelEvent[]> | undefined;
  #error: LmdeckError | undefined;
  #ended: PromiseWithResolvers<void> | undefined;
  #samples: readonly Sample[] | undefined;

  constructor(source: ResponseSource) {
    this.#source = source;
    if (typeof source.request !== 'function') this.#request = source.request;
  }

  /**
   * What was asked: exactly what is sent.
   * @throws LmdeckError `usage` for a reply to an answer that has not been read yet: it is part of the prompt.
   */
  get prompt(): ModelRequest {
    if (this.#request === undefined)
      throw new LmdeckError('usage', 'This prompt continues an answer that is not complete yet: read that one (or this one) first.');
    return this.#request;
  }

  /** ULID of the call; absent while it has not started. */
  get callId(): string | undefined {
    return this.#context?.callId;
  }

  /** The conversation that this call belongs to: the one it was made in, else its own. */
  get conversationId(): string | undefined {
    return this.#context?.conversationId ?? this.callId;
  }

  /** True once the whole answer is here and nothing failed. */
  get complete(): boolean {
    return this.#state === 'done';
  }

  /** What came so far, also after an error: sample 0 as a message. */
  get partial(): Message {
    return this.#assembler.samples()[0]?.message ?? { role: 'assistant', parts: [] };
  }

  /** The error that ended the call, if one did. */
  get error(): LmdeckError | undefined {
    return this.#error;
  }

  /** The text of sample 0, piece by piece. Throws after the last piece when the call failed. */
  [Symbol.asyncIterator](): AsyncIterator<string> {
    return new TextIterator(this.#read(true));
  }

  /**
   * Every event of every sample. A failed call ends with an `error` event instead of a throw, so that what came before
   * can be passed on whole.
   */
  async *events(): AsyncGenerator<ModelEvent, void, undefined> {
    const reader = this.#read(true);
    try {
      for (;;) {
        const next = await reader.next();
        if (next.done === true) return;
        yield* next.value;
      }
    } catch (error) {
      yield { type: 'error', error: LmdeckError.from(error).toInfo() };
    } finally {
      await reader.return?.();
    }
  }

  /** The text of a sample, whole. */
  async text(sample = 0): Promise<string> {
    return messageText(await this.message(sample));
  }

  /**
   * The text of sample 0 parsed as JSON.
   * @throws LmdeckError `invalid-response` when it is not JSON.
   */
  async json(): Promise<JsonValue> {
    const text = await this.text();
    try {
      const value: JsonValue = JSON.parse(text);
      return value;
    } catch (error) {
      const cut = (await this.finish())?.reason === 'length' ? ' It was cut off by the token limit: raise maxTokens.' : '';
      throw new LmdeckError('invalid-response', `The answer is not JSON: ${JSON.stringify(clip(text))}.${cut}`, { cause: error });
    }
  }

  /** A sample as a message, ready to go back into a history. */
  async message(sample = 0): Promise<Message> {
    return (await this.#sample(sample)).message;
  }

  /** All samples, in order. */
  async samples(): Promise<readonly Sample[]> {
    await this.#finished();
    return (this.#samples ??= this.#assembler.samples());
  }

  /** Token counts, as far as the provider reported them. */
  async usage(): Promise<Usage> {
    await this.#finished();
    return this.#assembler.usage ?? {};
  }

  /** Why a sample ended; absent when the model did not say. */
  async finish(sample = 0): Promise<Finish | undefined> {
    return (await this.#sample(sample)).finish;
  }

  /** The model that really answered, where the provider says so. */
  async resolvedModel(): Promise<string | undefined> {
    await this.#finished();
    return this.#assembler.resolvedModel;
  }

  /** Log-probabilities of the sampled tokens; absent unless they were asked for and given. */
  async logprobs(sample = 0): Promise<readonly TokenLogprob[] | undefined> {
    return (await this.#sample(sample)).logprobs;
  }

  /** The tool calls of a sample, arguments parsed. */
  async toolCalls(sample = 0): Promise<ToolCall[]> {
    const calls: ToolCall[] = [];
    for (const part of (await this.message(sample)).parts) {
      if (part.type === 'tool-call')
        calls.push({ id: part.id, name: part.name, argumentsText: part.arguments, ...parseArguments(part.arguments) });
    }
    return calls;
  }

  /**
   * The next turn: this exchange becomes its history. Needs not be awaited: when this answer is not complete yet, it is
   * read to its end before the reply is sent.
   */
  reply(input: PromptInput, options?: PromptOptions): Response {
    return this.#source.reply(this, input, options);
  }

  /** The history that a next turn starts from: what was asked, and the answer. */
  async history(): Promise<readonly Message[]> {
    const answer = await this.message();
    return [...this.prompt.messages, answer];
  }

  /** Ends the call. What came so far stays; readers get an `aborted` error. */
  abort(reason = 'The call was aborted by its caller.'): void {
    if (this.#state === 'idle') this.#fail(new LmdeckError('aborted', reason));
    if (this.#state === 'running') this.#controller?.abort(new LmdeckError('aborted', reason));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'running') await this.#leave('The response was disposed before its end.');
  }

  async #sample(index: number): Promise<Sample> {
    const samples = await this.samples();
    const sample = samples[index];
    if (sample !== undefined) return sample;
    if (index === 0) return { message: { role: 'assistant', parts: [] } };
    throw new LmdeckError(
      'usage',
      `The answer has ${samples.length} sample(s); there is no sample ${index}. Ask for more with { samples: n }.`,
    );
  }

  /** Reads to the end if nobody else does, else waits for whoever does. */
  async #finished(): Promise<void> {
    if (this.#state === 'idle') {
      const reader = this.#read(false);
      while ((await reader.next()).done !== true);
      return;
    }
    if (this.#state === 'running') {
      this.#ended ??= Promise.withResolvers<void>();
      await this.#ended.promise;
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #read(stream: boolean): AsyncIterator<readonly ModelEvent[], void> {
    if (this.#state === 'idle') return this.#live(stream);
    if (this.#state === 'running') {
      throw new LmdeckError(
        'usage',
        'This response is being read already: it has one consumer. Await text() or message(), or read it again when it has ended.',
      );
    }
    return this.#replay();
  }

  #live(stream: boolean): AsyncIterator<readonly ModelEvent[], void> {
    this.#state = 'running';
    const { signal } = this.#source;
    const controller = (this.#controller = new AbortController());
    if (signal?.aborted === true) controller.abort(LmdeckError.from(signal.reason, 'aborted'));
    signal?.addEventListener('abort', this.#onSignal, { once: true });
    return {
      next: async () => {
        if (this.#state !== 'running') return this.#end();
        try {
          const item = await (this.#iterator ?? (await this.#open(stream, controller.signal))).next();
          if (item.done === true) return this.#succeed();
          const batch = asBatch(item.value);
          for (const event of batch) this.#assembler.push(event);
          this.#batches.push(batch);
          return { done: false, value: batch };
        } catch (error) {
          this.#fail(LmdeckError.from(error));
          return this.#end();
        }
      },
      return: async () => {
        if (this.#state === 'running') await this.#leave('The reader left before the end of the answer.');
        return { done: true, value: undefined };
      },
    };
  }

  async #open(stream: boolean, signal: AbortSignal): Promise<AsyncIterator<ModelEvent | readonly ModelEvent[]>> {
    const { request, run } = this.#source;
    this.#request ??= typeof request === 'function' ? await request() : request;
    this.#context = this.#source.context(stream, signal);
    return (this.#iterator = run(this.#request, this.#context)[Symbol.asyncIterator]());
  }

  readonly #onSignal = (): void => {
    this.#controller?.abort(LmdeckError.from(this.#source.signal?.reason, 'aborted'));
  };

  async #leave(reason: string): Promise<void> {
    const error = new LmdeckError('aborted', reason);
    this.#fail(error);
    this.#controller?.abort(error);
    await this.#iterator?.return?.();
  }

  async *#replay(): AsyncGenerator<readonly ModelEvent[], void> {
    yield* this.#batches;
    if (this.#error !== undefined) throw this.#error;
  }

  #succeed(): IteratorReturnResult<void> {
    this.#settle('done');
    return { done: true, value: undefined };
  }

  #fail(error: LmdeckError): void {
    this.#error = error;
    this.#settle('failed');
  }

  #settle(state: State): void {
    this.#state = state;
    // A long-lived signal must not hold on to every response it once could have aborted.
    this.#source.signal?.removeEventListener('abort', this.#onSignal);
    this.#ended?.resolve();
  }

  #end(): IteratorReturnResult<void> {
    if (this.#error !== undefined) throw this.#error;
    return { done: true, value: undefined };
  }
}

/** Hands out the text of a batch without going back to the stream for every piece. */
class TextIterator implements AsyncIterator<string> {
  readonly #reader: AsyncIterator<readonly ModelEvent[], void>;
  #batch: readonly ModelEvent[] = [];
  #next = 0;

  constructor(reader: AsyncIterator<readonly ModelEvent[], void>) {
    this.#reader = reader;
  }

  next(): Promise<IteratorResult<string, undefined>> {
    const text = this.#take();
    return text === undefined ? this.#refill() : Promise.resolve({ done: false, value: text });
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#reader.return?.();
    return { done: true, value: undefined };
  }

  async #refill(): Promise<IteratorResult<string, undefined>> {
    for (;;) {
      const item = await this.#reader.next();
      if (item.done === true) return { done: true, value: undefined };
      this.#batch = item.value;
      this.#next = 0;
      const text = this.#take();
      if (text !== undefined) return { done: false, value: text };
    }
  }

  #take(): string | undefined {
    while (this.#next < this.#batch.length) {
      const event = this.#batch[this.#next++];
      if (event?.type === 'text-delta' && (event.sample ?? 0) === 0 && event.text !== '') return event.text;
    }
    return undefined;
  }
}

function parseArguments(text: string): Pick<ToolCall, 'arguments' | 'error'> {
  if (text.trim() === '') return { arguments: {} };
  try {
    const value: JsonValue = JSON.parse(text);
    if (isJsonObject(value)) return { arguments: value };
    return { error: `the arguments are not a JSON object: ${clip(text)}` };
  } catch (error) {
    return { error: `the arguments are not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function clip(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
