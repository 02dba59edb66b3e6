import { isJsonObject, type FinishEvent, type JsonObject, type JsonValue, type LmdeckError, type ModelEvent } from '../../core/index.ts';
import { decodeLogprobs } from './decode-logprobs.ts';
import { finishReason } from './finish-reason.ts';
import { ReasoningDetails } from './reasoning-details.ts';
import { ToolCallDecoder } from './tool-call-decoder.ts';

/** What all choices of one answer share. */
export interface AnswerSettings {
  /** The endpoint's name: the key of provider metadata, and the subject of error messages. */
  readonly endpoint: string;
  /** How many messages came before the answer. */
  readonly turn: number;
  /** A field of the message that carries reasoning, besides the common ones. */
  readonly reasoningField: string | undefined;
  /** Takes out of an error what was sent in secret. */
  readonly hide?: ((error: unknown) => unknown) | undefined;
}

/** Decodes one choice of an answer, delta by delta or whole: a message is treated as one large delta. */
export class ChoiceDecoder {
  readonly #settings: AnswerSettings;
  readonly #sample: number;
  #extra: Map<string, JsonValue> | undefined;
  #tools: ToolCallDecoder | undefined;
  #details: ReasoningDetails | undefined;
  /** Reasoning came in a field of its own: the text in `reasoning_details` is the same again. */
  #plainReasoning = false;
  #finishRaw: string | undefined;
  #hasDelta = false;

  constructor(settings: AnswerSettings, sample: number) {
    this.#settings = settings;
    this.#sample = sample;
  }

  get finished(): boolean {
    return this.#finishRaw !== undefined;
  }

  /** An entry of `choices`. Returns the usage that Moonshot puts there. */
  push(choice: JsonObject, out: ModelEvent[]): JsonObject | undefined {
    let delta: JsonObject | undefined;
    let message: JsonObject | undefined;
    let logprobs: JsonObject | undefined;
    let usage: JsonObject | undefined;
    for (const key in choice) {
      const value = choice[key];
      if (value === null || value === undefined || value === '') continue;
      switch (key) {
        case 'index':
          break;
        case 'delta':
          if (isJsonObject(value)) delta = value;
          break;
        case 'message':
          if (isJsonObject(value)) message = value;
          break;
        case 'text':
          this.#content(value, out);
          break;
        case 'logprobs':
          if (isJsonObject(value)) logprobs = value;
          break;
        case 'finish_reason':
          if (typeof value === 'string') this.#finishRaw = value;
          break;
        case 'usage':
          if (isJsonObject(value)) usage = value;
          break;
        default:
          (this.#extra ??= new Map()).set(key, value);
      }
    }
    // Perplexity repeats the whole message beside every delta.
    if (delta !== undefined) this.#hasDelta = true;
    else if (!this.#hasDelta) delta = message;
    if (delta !== undefined) this.#delta(delta, out);
    if (logprobs !== undefined) this.#logprobs(logprobs, out);
    return usage;
  }

  /** Nothing more comes. @returns what is wrong with a complete answer. */
  end(out: ModelEvent[], complete: boolean): LmdeckError | undefined {
    // A choice with a reason is complete even where the answer as a whole broke off.
    const whole = complete || this.finished;
    const problem = this.#tools?.end(out, whole);
    const blocks = this.#details?.blocks;
    if (blocks !== undefined) (this.#extra ??= new Map()).set('reasoning_details', blocks);
    if (this.#extra !== undefined) {
      const providerMetadata = { [this.#settings.endpoint]: Object.fromEntries(this.#extra) };
      out.push({ type: 'metadata', providerMetadata, ...this.#ofSample() });
    }
    if (whole) this.#finish(out);
    return problem;
  }

  #finish(out: ModelEvent[]): void {
    const raw = this.#finishRaw;
    const hasToolCalls = this.#tools?.isEmpty === false;
    if (raw === undefined && !hasToolCalls) return;
    const sample = this.#sample;
    const reason = raw === undefined ? 'tool-calls' : finishReason(raw, hasToolCalls);
    const event: FinishEvent = raw === undefined ? { type: 'finish', reason } : { type: 'finish', reason, raw };
    out.push(sample === 0 ? event : { ...event, sample });
  }

  #delta(delta: JsonObject, out: ModelEvent[]): void {
    let content: JsonValue | undefined;
    let reasoning: string | undefined;
    let details: JsonValue | undefined;
    let refusal: JsonValue | undefined;
    let toolCalls: JsonValue | undefined;
    let functionCall: JsonValue | undefined;
    for (const key in delta) {
      const value = delta[key];
      if (value === null || value === undefined || value === '') continue;
      switch (key) {
        case 'content':
          content = value;
          break;
        case 'role':
          break;
        case 'tool_calls':
          toolCalls = value;
          break;
        case 'reasoning_content':
        case 'reasoning':
        case 'reasoning_text':
          if (typeof value === 'string') reasoning ??= value;
          else this.#keepDelta(key, value);
          break;
        case 'reasoning_details':
          details = value;
          break;
        case 'refusal':
          refusal = value;
          break;
        case 'function_call':
          functionCall = value;
          break;
        default:
          if (key === this.#settings.reasoningField && typeof value === 'string') reasoning ??= value;
          else this.#keepDelta(key, value);
      }
    }
    if (reasoning !== undefined || details !== undefined) this.#reasoning(reasoning, details, out);
    if (content !== undefined) this.#content(content, out);
    if (typeof refusal === 'string') out.push({ type: 'refusal-delta', text: refusal, ...this.#ofSample() });
    if (toolCalls !== undefined && Array.isArray(toolCalls) && toolCalls.length > 0) this.#toolCalls().push(toolCalls, out);
    if (functionCall !== undefined) this.#toolCalls().pushFunctionCall(functionCall, out);
  }

  #content(content: JsonValue, out: ModelEvent[]): void {
    if (typeof content === 'string') {
      const sample = this.#sample;
      out.push(sample === 0 ? { type: 'text-delta', text: content } : { type: 'text-delta', text: content, sample });
      return;
    }
    for (const part of Array.isArray(content) ? content : [content]) if (isJsonObject(part)) this.#part(part, out);
  }

  /** Mistral sends content as a list of parts. */
  #part(part: JsonObject, out: ModelEvent[]): void {
    const { type, text, thinking, refusal } = part;
    if (type === 'thinking') this.#reasoningText(thinkingText(thinking), out);
    else if (typeof text === 'string') {
      if (text !== '') this.#content(text, out);
    } else if (typeof refusal === 'string') out.push({ type: 'refusal-delta', text: refusal, ...this.#ofSample() });
    else out.push({ type: 'raw', raw: part });
  }

  #reasoning(plain: string | undefined, details: JsonValue | undefined, out: ModelEvent[]): void {
    if (plain !== undefined) {
      this.#plainReasoning = true;
      this.#reasoningText(plain, out);
    }
    if (details === undefined) return;
    const { text, redacted } = (this.#details ??= new ReasoningDetails()).push(details);
    if (!this.#plainReasoning) this.#reasoningText(text, out);
    if (redacted) out.push({ type: 'reasoning-delta', text: '', redacted, ...this.#ofSample() });
  }

  #reasoningText(text: string, out: ModelEvent[]): void {
    if (text === '') return;
    const sample = this.#sample;
    out.push(sample === 0 ? { type: 'reasoning-delta', text } : { type: 'reasoning-delta', text, sample });
  }

  #toolCalls(): ToolCallDecoder {
    return (this.#tools ??= new ToolCallDecoder(this.#settings.endpoint, this.#sample, this.#settings.turn));
  }

  #logprobs(raw: JsonObject, out: ModelEvent[]): void {
    const tokens = decodeLogprobs(raw);
    if (tokens.length > 0) out.push({ type: 'logprobs', tokens, ...this.#ofSample() });
  }

  /** Lists in deltas (annotations, images) grow piece by piece; of everything else the last value counts. */
  #keepDelta(key: string, value: JsonValue): void {
    const before = this.#extra?.get(key);
    if (!Array.isArray(value)) (this.#extra ??= new Map()).set(key, value);
    else if (Array.isArray(before)) for (const each of value) before.push(each);
    else if (value.length > 0) (this.#extra ??= new Map()).set(key, [...value]);
  }

  #ofSample(): { readonly sample?: number } {
    return this.#sample === 0 ? {} : { sample: this.#sample };
  }
}

function thinkingText(thinking: JsonValue | undefined): string {
  if (typeof thinking === 'string') return thinking;
  if (!Array.isArray(thinking)) return '';
  let text = '';
  for (const piece of thinking) if (isJsonObject(piece) && typeof piece['text'] === 'string') text += piece['text'];
  return text;
}
