import { isScoreRequest, type JsonObject, type ModelRequest, type Part, type Usage } from '../../core/index.ts';

/** Tokens per character before anything is known: English text, most tokenizers. */
const TOKENS_PER_CHAR = 0.25;
/** What roles and separators take, per message and per request. */
const PER_MESSAGE = 4;
const PER_REQUEST = 3;
/** What an attachment takes; an image of usual size at most servers. */
const PER_ATTACHMENT = 800;
/** The output before anything is known, and the most of `maxTokens` that is believed then. */
const UNKNOWN_OUTPUT = 512;
/** How much the newest answer counts in the averages, once there are some. */
const WEIGHT = 0.05;
/** Text with fewer tokens than this part of its characters is hardly any. */
const LEAST_TOKENS_PER_CHAR = 1 / 8;

/**
 * What a request will take, guessed by its characters: no tokenizer is loaded for it, and none would know what the server adds. How far the guesses of
 * one model are off is learned from the counts that its answers bring.
 */
export class TokenEstimate {
  #factor = 1;
  #output: number | undefined;
  #seen = 0;

  /** @param rough what `roughTokens` gives for the request. */
  input(rough: number): number {
    return Math.ceil(rough * this.#factor);
  }

  /** Surely not fewer than these: below this a request is not refused for its size. */
  leastInput(rough: number): number {
    return Math.floor(rough * (this.#seen === 0 ? LEAST_TOKENS_PER_CHAR / TOKENS_PER_CHAR : this.#factor * 0.7));
  }

  /** Never the whole `maxTokens` only because it is allowed. */
  output(request: ModelRequest): number {
    if (isScoreRequest(request)) return 0;
    const maxTokens = request.options['maxTokens'];
    const expected = Math.min(typeof maxTokens === 'number' ? maxTokens : Infinity, this.#output ?? UNKNOWN_OUTPUT);
    return Math.ceil(expected * (request.samples ?? 1));
  }

  /** The tokens of an answer of which only the length is known. */
  ofChars(chars: number): number {
    return Math.ceil(chars * TOKENS_PER_CHAR);
  }

  /** Against the characters and never against a guess, which may be from before what was learned since. */
  learn(request: ModelRequest, rough: number, { inputTokens, outputTokens }: Usage): void {
    const weight = Math.max(WEIGHT, 1 / (this.#seen + 1));
    // Cut off, so that one odd request does not spoil the others.
    if (inputTokens !== undefined) this.#factor += weight * (Math.min(8, Math.max(0.1, inputTokens / rough)) - this.#factor);
    if (outputTokens !== undefined && !isScoreRequest(request)) {
      const each = outputTokens / (request.samples ?? 1);
      this.#output = this.#output === undefined ? each : this.#output + weight * (each - this.#output);
    }
    if (inputTokens !== undefined || outputTokens !== undefined) this.#seen++;
  }
}

/** The tokens of a request's input by its characters, before anything is learned. */
export function roughTokens({ messages, tools, schema, continuation }: ModelRequest): number {
  let tokens = PER_REQUEST;
  let chars = 0;
  for (const { parts } of messages) {
    tokens += PER_MESSAGE;
    for (const part of parts) {
      if (part.type === 'text') chars += part.text.length;
      else if (part.type === 'tokens') tokens += part.ids.length;
      else if (part.type === 'attachment') tokens += PER_ATTACHMENT;
      else chars += charsOf(part);
    }
  }
  if (tools !== undefined) for (const tool of tools) chars += jsonChars(tool);
  if (schema !== undefined) chars += jsonChars(schema);
  if (typeof continuation === 'string') chars += continuation.length;
  else if (continuation !== undefined) tokens += continuation.length;
  return tokens + chars * TOKENS_PER_CHAR;
}

function charsOf(part: Part): number {
  switch (part.type) {
    case 'reasoning':
    case 'refusal':
      return part.text.length;
    case 'tool-call':
      return part.name.length + part.arguments.length;
    case 'tool-result':
      return part.output.length + ((part.attachments?.length ?? 0) * PER_ATTACHMENT) / TOKENS_PER_CHAR;
    default:
      return 0;
  }
}

/** Tools and schemas are the same objects in call after call, and few. */
const known = new WeakMap<object, number>();

function jsonChars(value: JsonObject | object): number {
  let length = known.get(value);
  if (length === undefined) known.set(value, (length = JSON.stringify(value).length));
  return length;
}
