import { isJsonObject, LmdeckError, type JsonObject, type JsonValue, type ModelEvent } from '../../core/index.ts';
import { ChoiceDecoder, type AnswerSettings } from './choice-decoder.ts';
import { decodeUsage } from './decode-usage.ts';
import { providerError } from './provider-error.ts';

/** More samples than any server draws in one call: a larger index is garbage and would cost memory. */
const MAX_SAMPLES = 1024;

/**
 * Turns the parsed chunks of a chat completion into events. Pure: no I/O, no clock. A whole completion is one chunk with a
 * `message` in place of each `delta`, and raw completions differ only in where the text stands, so all of them are decoded here.
 */
export class ChatStreamDecoder {
  readonly #settings: AnswerSettings;
  readonly #choices: (ChoiceDecoder | undefined)[] = [];
  #extra: Map<string, JsonValue> | undefined;
  #id = '';
  #model = '';
  #usage: JsonObject | undefined;
  #aside: Record<string, JsonValue> | undefined;
  #chunks = 0;
  #firstUsage = 0;

  constructor(settings: AnswerSettings) {
    this.#settings = settings;
  }

  /**
   * True when nothing is missing although the server did not say so: every sample has its finish reason, or the usage, which
   * comes last, has come.
   */
  get looksComplete(): boolean {
    if (this.#chunks === 0) return false;
    // Servers that send usage with every chunk do not say with it that they are done.
    if (this.#firstUsage === this.#chunks) return true;
    let started = 0;
    for (const choice of this.#choices) {
      if (choice === undefined) continue;
      if (!choice.finished) return false;
      started++;
    }
    return started > 0;
  }

  /** True when something of an answer has come, be it that it is empty. */
  get hasChoice(): boolean {
    return this.#choices.length > 0;
  }

  /** How many chunks have come. */
  get chunks(): number {
    return this.#chunks;
  }

  /**
   * Adds the events of one chunk to `out`.
   * @throws LmdeckError when the chunk carries an error; what else it carries has been added by then.
   */
  push(chunk: JsonObject, out: ModelEvent[]): void {
    this.#chunks++;
    let id = '';
    let model = '';
    let choices: JsonValue | undefined;
    let error: JsonValue | undefined;
    for (const key in chunk) {
      const value = chunk[key];
      if (value === null || value === undefined || value === '') continue;
      switch (key) {
        case 'choices':
          choices = value;
          break;
        case 'id':
          if (typeof value === 'string') id = value;
          break;
        case 'model':
          if (typeof value === 'string') model = value;
          break;
        case 'usage':
          if (isJsonObject(value)) this.#setUsage(value);
          break;
        case 'error':
          if (value !== false) error = isJsonObject(value) ? value : chunk;
          break;
        case 'object':
          // vLLM's older servers send the error itself, marked like this.
          if (value === 'error') error = chunk;
          break;
        case 'timings':
        case 'service_tier':
        case 'system_fingerprint':
          // Part of no message: measurements and versions would give equal answers different hashes.
          (this.#aside ??= {})[key] = value;
          break;
        case 'created':
        case 'obfuscation':
          break;
        case 'x_groq':
          if (!isJsonObject(value)) break;
          if (isJsonObject(value['usage'])) this.#setUsage(value['usage']);
          if (typeof value['error'] === 'string') error ??= value['error'];
          break;
        default:
          (this.#extra ??= new Map()).set(key, value);
      }
    }
    if ((this.#id === '' && id !== '') || (this.#model === '' && model !== '')) this.#metadata(id, model, out);
    if (Array.isArray(choices)) for (const choice of choices) if (isJsonObject(choice)) this.#pushChoice(choice, out);
    if (error !== undefined) throw providerError(this.#settings.endpoint, error);
  }

  /**
   * Closes the answer: ends of tool calls, metadata, finish reasons, usage.
   * @param complete false when the answer broke off: then only what is certain is closed.
   * @throws LmdeckError `invalid-response` for a complete answer with a tool call that names no tool.
   */
  end(out: ModelEvent[], complete: boolean): void {
    let problem: LmdeckError | undefined;
    for (const choice of this.#choices) problem = choice?.end(out, complete) ?? problem;
    // Without an answer there is no message that they could belong to.
    if (this.#extra !== undefined && this.#choices.length > 0) {
      out.push({ type: 'metadata', providerMetadata: { [this.#settings.endpoint]: Object.fromEntries(this.#extra) } });
    }
    if (this.#aside !== undefined) out.push({ type: 'raw', raw: this.#aside });
    if (this.#usage !== undefined) out.push({ type: 'usage', usage: decodeUsage(this.#usage) });
    if (problem !== undefined && complete) throw problem;
  }

  #pushChoice(choice: JsonObject, out: ModelEvent[]): void {
    const { index } = choice;
    const usage = this.#choice(typeof index === 'number' ? index : 0).push(choice, out);
    if (usage !== undefined) this.#setUsage(usage);
  }

  #choice(index: number): ChoiceDecoder {
    const known = this.#choices[index];
    if (known !== undefined) return known;
    if (!Number.isInteger(index) || index < 0 || index >= MAX_SAMPLES) {
      throw new LmdeckError('invalid-response', `${this.#settings.endpoint}: the answer has a choice with the index ${index}.`);
    }
    return (this.#choices[index] = new ChoiceDecoder(this.#settings, index));
  }

  /** Usage is cumulative where it comes more than once: the last one counts. */
  #setUsage(usage: JsonObject): void {
    if (this.#firstUsage === 0) this.#firstUsage = this.#chunks;
    this.#usage = usage;
  }

  #metadata(id: string, model: string, out: ModelEvent[]): void {
    const newId = this.#id === '' ? id : '';
    const newModel = this.#model === '' ? model : '';
    if (newId !== '') this.#id = newId;
    if (newModel !== '') this.#model = newModel;
    if (newModel === '') out.push({ type: 'metadata', responseId: newId });
    else if (newId === '') out.push({ type: 'metadata', resolvedModel: newModel });
    else out.push({ type: 'metadata', responseId: newId, resolvedModel: newModel });
  }
}
