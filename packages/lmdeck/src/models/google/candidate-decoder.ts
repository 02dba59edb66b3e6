import { isJsonObject, type JsonObject, type JsonValue, type ModelEvent } from '../../core/index.ts';
import { object, objects, text } from '../batches/fields.ts';
import { finishReason } from './finish-reason.ts';

type Part = Record<string, JsonValue | undefined>;

/** Fields of a candidate that have a place of their own here. */
const KNOWN = new Set(['content', 'finishReason', 'index']);

/** One candidate of an answer, chunk by chunk. */
export class CandidateDecoder {
  readonly #endpoint: string;
  readonly #sample: number;
  /** The parts as an answer that comes whole has them: a text that came in pieces is one. */
  readonly #parts: Part[] = [];
  readonly #extra = new Map<string, JsonValue>();
  #finishRaw: string | undefined;

  constructor(endpoint: string, sample: number) {
    this.#endpoint = endpoint;
    this.#sample = sample;
  }

  get finished(): boolean {
    return this.#finishRaw !== undefined;
  }

  /** @param answerId what ids of calls begin with that the provider gives none. */
  push(candidate: JsonObject, answerId: string, out: ModelEvent[]): void {
    for (const [key, value] of Object.entries(candidate)) {
      if (KNOWN.has(key) || value === null || value === undefined) continue;
      const before = this.#extra.get(key);
      this.#extra.set(key, key === 'logprobsResult' && isJsonObject(before) && isJsonObject(value) ? joined(before, value) : value);
    }
    // Proxies say it with every chunk: the last one counts.
    this.#finishRaw = text(candidate['finishReason']) ?? this.#finishRaw;
    objects(object(candidate['content'])['parts']).forEach((part, position) => {
      if (position > 0 || !this.#continues(part)) this.#parts.push({ ...part });
      this.#part(part, answerId, out);
    });
  }

  /** Nothing more comes. What has no reason broke off. */
  end(out: ModelEvent[]): void {
    const parts = this.#parts;
    const kept = { ...Object.fromEntries(this.#extra), ...(isPlain(parts) ? {} : { parts }) };
    const ofSample = this.#sample === 0 ? {} : { sample: this.#sample };
    if (Object.keys(kept).length > 0) out.push({ type: 'metadata', providerMetadata: { [this.#endpoint]: kept }, ...ofSample });
    const raw = this.#finishRaw;
    if (raw === undefined) return;
    const hasCalls = parts.some((part) => isJsonObject(part['functionCall']));
    out.push({ type: 'finish', reason: finishReason(raw, hasCalls), raw, ...ofSample });
  }

  /**
   * True when the first part of a chunk goes on with the text that the chunk before ended in, which is added to it. Parts with signatures are
   * never put together: they go back as they came (ai.google.dev, "Thought signatures").
   */
  #continues(part: JsonObject): boolean {
    const last = this.#parts.at(-1);
    if (last === undefined) return false;
    if (isBareText(last) && isBareText(part) && isThought(last) === isThought(part)) {
      last['text'] = `${text(last['text']) ?? ''}${text(part['text']) ?? ''}`;
      return true;
    }
    // Chunks that bring a reason or counts have an empty text for form's sake.
    if (isBareText(part) && part['text'] === '') return true;
    if (isBareText(last) && last['text'] === '') this.#parts.pop();
    return false;
  }

  #part(part: JsonObject, answerId: string, out: ModelEvent[]): void {
    const ofSample = this.#sample === 0 ? {} : { sample: this.#sample };
    const signature = text(part['thoughtSignature']);
    const rest = {
      ...ofSample,
      ...(signature === undefined ? {} : { providerMetadata: { [this.#endpoint]: { thoughtSignature: signature } } }),
    };
    const { functionCall } = part;
    if (isJsonObject(functionCall)) {
      const index = this.#parts.length - 1;
      const id = text(functionCall['id']) ?? `lmdeck-${answerId}-${this.#sample}-${index}`;
      out.push({ type: 'tool-call-start', index, id, name: text(functionCall['name']) ?? '', ...rest });
      out.push({ type: 'tool-call-delta', index, arguments: JSON.stringify(object(functionCall['args'])), ...ofSample });
      out.push({ type: 'tool-call-end', index, ...ofSample });
    } else if (typeof part['text'] !== 'string') out.push({ type: 'raw', raw: part });
    else if (isThought(part)) out.push({ type: 'reasoning-delta', text: part['text'], ...rest });
    else out.push({ type: 'text-delta', text: part['text'], ...rest });
  }
}

function isThought(part: JsonObject): boolean {
  return part['thought'] === true;
}

/** A text, or a thought, and nothing else. */
function isBareText(part: JsonObject): boolean {
  return typeof part['text'] === 'string' && Object.keys(part).every((key) => key === 'text' || key === 'thought');
}

/** Two objects whose lists go on one after the other. */
function joined(before: JsonObject, after: JsonObject): JsonObject {
  const result: Part = { ...before, ...after };
  for (const [key, value] of Object.entries(after)) {
    const first = before[key];
    if (Array.isArray(first) && Array.isArray(value)) result[key] = [...first, ...value];
  }
  return result;
}

/** True when the parts here say all that those of the answer do: none of a kind of its own, no two signatures that would become one. */
function isPlain(parts: readonly JsonObject[]): boolean {
  return parts.every((part, i) => {
    if (isJsonObject(part['functionCall'])) return true;
    if (typeof part['text'] !== 'string') return false;
    const before = parts[i - 1];
    const joins = typeof before?.['text'] === 'string' && (before['thought'] === true) === (part['thought'] === true);
    return !joins || (part['thoughtSignature'] === undefined && before['thoughtSignature'] === undefined);
  });
}
