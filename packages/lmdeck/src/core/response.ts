import { CallRun, type CallSource } from './call-run.ts';
import { LmdeckError } from './error.ts';
import type { Finish } from './finish.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import type { Sample } from './message-assembler.ts';
import { messageText, type Message } from './message.ts';
import type { ModelEvent } from './model-event.ts';
import type { ModelRequest } from './model-request.ts';
import type { PromptInput, PromptOptions } from './prompt-options.ts';
import { EventReader, TextReader } from './response-reader.ts';
import type { TokenLogprob } from './token-logprob.ts';
import type { Usage } from './usage.ts';

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

/** The call that a {@link Response} stands for, and how the conversation goes on after it. */
export interface ResponseSource extends CallSource {
  readonly reply: (before: Response, input: PromptInput, options: PromptOptions | undefined) => Response;
}

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
  readonly #run: CallRun;
  #samples: readonly Sample[] | undefined;

  constructor(source: ResponseSource) {
    this.#source = source;
    this.#run = new CallRun(source);
  }

  /**
   * What was asked: exactly what is sent.
   * @throws LmdeckError `usage` for a reply to an answer that has not been read yet: it is part of the prompt.
   */
  get prompt(): ModelRequest {
    const { request } = this.#run;
    if (request !== undefined) return request;
    throw new LmdeckError('usage', 'This prompt continues an answer that is not complete yet: read that one (or this one) first.');
  }

  /** ULID of the call; absent while it has not started. */
  get callId(): string | undefined {
    return this.#run.context?.callId;
  }

  /** The conversation that this call belongs to: the one it was made in, else its own. */
  get conversationId(): string | undefined {
    return this.#run.context?.conversationId ?? this.callId;
  }

  /** How often the model has been asked so far, repetitions included; 0 when the answer came from a tape, absent before the call. */
  get attempts(): number | undefined {
    const trace = this.#run.context?.trace;
    if (trace === undefined) return undefined;
    // Without a layer that counts attempts there is one, unless the model was not asked at all.
    return trace.attempts === 0 && trace.cachedFrom === undefined ? 1 : trace.attempts;
  }

  /** The id of the recorded call that answered this one, if any. */
  get cachedFrom(): string | undefined {
    return this.#run.context?.trace.cachedFrom;
  }

  /** True once the whole answer is here and nothing failed. */
  get complete(): boolean {
    return this.#run.state === 'done';
  }

  /** What came so far, also after an error: sample 0 as a message. */
  get partial(): Message {
    return this.#run.assembler.samples()[0]?.message ?? { role: 'assistant', parts: [] };
  }

  /** The error that ended the call, if one did. */
  get error(): LmdeckError | undefined {
    return this.#run.error;
  }

  /** The text of sample 0, piece by piece. Throws after the last piece when the call failed. */
  [Symbol.asyncIterator](): AsyncIterator<string> {
    const reader = new TextReader(this.#run);
    reader.begin();
    return reader;
  }

  /**
   * Every event of every sample. A failed call ends with an `error` event instead of a throw, so that what came before
   * can be passed on whole.
   */
  events(): AsyncGenerator<ModelEvent, void, undefined> {
    return new EventReader(this.#run);
  }

  /** The text of a sample, whole. */
  async text(sample = 0): Promise<string> {
    await this.#run.whole();
    return this.#run.assembler.text(sample) ?? messageText(this.#sample(sample).message);
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
    await this.#run.whole();
    return this.#sample(sample).message;
  }

  /** All samples, in order. */
  async samples(): Promise<readonly Sample[]> {
    await this.#run.whole();
    return this.#allSamples();
  }

  /** Token counts, as far as the provider reported them. */
  async usage(): Promise<Usage> {
    await this.#run.whole();
    return this.#run.assembler.usage ?? {};
  }

  /** Why a sample ended; absent when the model did not say. */
  async finish(sample = 0): Promise<Finish | undefined> {
    await this.#run.whole();
    return this.#sample(sample).finish;
  }

  /** The model that really answered, where the provider says so. */
  async resolvedModel(): Promise<string | undefined> {
    await this.#run.whole();
    return this.#run.assembler.resolvedModel;
  }

  /** Log-probabilities of the sampled tokens; absent unless they were asked for and given. */
  async logprobs(sample = 0): Promise<readonly TokenLogprob[] | undefined> {
    await this.#run.whole();
    return this.#sample(sample).logprobs;
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
    this.#run.abort(new LmdeckError('aborted', reason));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#run.state === 'running') await this.#run.leave(new LmdeckError('aborted', 'The response was disposed before its end.'));
  }

  #allSamples(): readonly Sample[] {
    return (this.#samples ??= this.#run.assembler.samples());
  }

  #sample(index: number): Sample {
    const samples = this.#allSamples();
    const sample = samples[index];
    if (sample !== undefined) return sample;
    if (index === 0) return { message: { role: 'assistant', parts: [] } };
    throw new LmdeckError(
      'usage',
      `The answer has ${samples.length} sample(s); there is no sample ${index}. Ask for more with { samples: n }.`,
    );
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
