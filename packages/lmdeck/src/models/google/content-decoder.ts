import { isJsonObject, LmdeckError, type JsonObject, type ModelEvent } from '../../core/index.ts';
import { number, object, objects, text } from '../batches/fields.ts';
import { providerError } from '../openai-compatible/provider-error.ts';
import type { StreamedAnswer } from '../protocols/streamed-answer.ts';
import { CandidateDecoder } from './candidate-decoder.ts';
import { geminiUsage } from './gemini-usage.ts';

/** More samples than any server draws in one call: a larger index is garbage and would cost memory. */
const MAX_SAMPLES = 1024;

/** Puts an answer together from the chunks of `streamGenerateContent`; one that comes whole is one chunk. */
export class ContentDecoder implements StreamedAnswer {
  /** The protocol has no last word: usage, or more text, may follow a reason. The end is the end of the body. */
  readonly done = false;
  readonly #endpoint: string;
  readonly #candidates: (CandidateDecoder | undefined)[] = [];
  #id: string | undefined;
  #model: string | undefined;
  #usage: JsonObject | undefined;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** Every candidate has its reason. */
  get isComplete(): boolean {
    const begun = this.#candidates.filter((candidate) => candidate !== undefined);
    return begun.length > 0 && begun.every(({ finished }) => finished);
  }

  push(chunk: JsonObject, out: ModelEvent[]): void {
    if (isJsonObject(chunk['error'])) throw providerError(this.#endpoint, chunk);
    this.#metadata(chunk, out);
    // Counts are of the whole answer so far: the last ones count.
    if (isJsonObject(chunk['usageMetadata'])) this.#usage = chunk['usageMetadata'];
    const candidates = objects(chunk['candidates']);
    candidates.forEach((candidate, position) => {
      this.#candidate(number(candidate['index']) ?? position).push(candidate, this.#id ?? 'call', out);
    });
    if (candidates.length === 0) this.#refusal(object(chunk['promptFeedback']));
  }

  end(out: ModelEvent[]): void {
    for (const candidate of this.#candidates) candidate?.end(out);
    if (this.#usage !== undefined) out.push({ type: 'usage', usage: geminiUsage(this.#usage) });
  }

  #metadata(chunk: JsonObject, out: ModelEvent[]): void {
    const responseId = this.#id === undefined ? text(chunk['responseId']) : undefined;
    const resolvedModel = this.#model === undefined ? text(chunk['modelVersion']) : undefined;
    this.#id ??= responseId;
    this.#model ??= resolvedModel;
    if (responseId !== undefined || resolvedModel !== undefined)
      out.push({
        type: 'metadata',
        ...(responseId === undefined ? {} : { responseId }),
        ...(resolvedModel === undefined ? {} : { resolvedModel }),
      });
  }

  #candidate(sample: number): CandidateDecoder {
    const known = this.#candidates[sample];
    if (known !== undefined) return known;
    if (!Number.isInteger(sample) || sample < 0 || sample >= MAX_SAMPLES) {
      throw new LmdeckError('invalid-response', `${this.#endpoint}: the answer has a candidate with the index ${sample}.`);
    }
    return (this.#candidates[sample] = new CandidateDecoder(this.#endpoint, sample));
  }

  /** @throws LmdeckError `content-filter` when the prompt was refused. */
  #refusal(feedback: JsonObject): void {
    const reason = text(feedback['blockReason']);
    if (reason === undefined) return;
    const message = text(feedback['blockReasonMessage']);
    throw new LmdeckError(
      'content-filter',
      `${this.#endpoint}: the prompt was refused (${reason})${message === undefined ? '' : `: ${message}`}.`,
      { data: { providerCode: reason } },
    );
  }
}
