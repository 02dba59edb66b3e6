import { isJsonObject, type JsonObject, type JsonValue, type ModelEvent } from '../../core/index.ts';
import { object, text } from '../batches/fields.ts';
import { CompactJson } from './compact-json.ts';

/** The fields of a block that grow, by the deltas that bring a piece of them. */
const GROWING: Readonly<Record<string, string>> = { text_delta: 'text', thinking_delta: 'thinking', compaction_delta: 'content' };

/** One content block of a message, from its start to its end. */
export class BlockDecoder {
  readonly #endpoint: string;
  readonly #index: number;
  readonly #fields: Record<string, JsonValue | undefined>;
  /** The arguments as the model wrote them. */
  #json = '';
  readonly #arguments = new CompactJson();
  #closed = false;

  constructor(endpoint: string, index: number, start: JsonObject) {
    this.#endpoint = endpoint;
    this.#index = index;
    this.#fields = { ...start };
  }

  /** The block so far, as an answer that comes whole has it. */
  get block(): JsonObject {
    return this.#json.trim() === '' ? this.#fields : { ...this.#fields, input: inputOf(this.#json) };
  }

  start(out: ModelEvent[]): void {
    const fields = this.#fields;
    switch (fields['type']) {
      case 'text':
        if (text(fields['text']) !== undefined) out.push({ type: 'text-delta', text: text(fields['text']) ?? '' });
        break;
      case 'thinking':
        if (text(fields['thinking']) !== undefined) out.push({ type: 'reasoning-delta', text: text(fields['thinking']) ?? '' });
        this.#signature(out);
        break;
      case 'redacted_thinking':
        out.push({ type: 'reasoning-delta', text: '', redacted: true, ...this.#metadata({ data: fields['data'] }) });
        break;
      case 'tool_use': {
        const caller = isJsonObject(fields['caller']) ? this.#metadata({ caller: fields['caller'] }) : {};
        const id = text(fields['id']) ?? `call_${this.#index}`;
        out.push({ type: 'tool-call-start', index: this.#index, id, name: text(fields['name']) ?? '', ...caller });
        break;
      }
      default:
    }
  }

  delta(delta: JsonObject, out: ModelEvent[]): void {
    const type = text(delta['type']) ?? '';
    const field = GROWING[type];
    if (field !== undefined) this.#grow(field, delta, out);
    else if (type === 'signature_delta') {
      this.#fields['signature'] = delta['signature'];
      this.#signature(out);
    } else if (type === 'citations_delta') {
      const { citations } = this.#fields;
      this.#fields['citations'] = [...(Array.isArray(citations) ? citations : []), delta['citation'] ?? null];
    } else if (type === 'input_json_delta') this.#input(text(delta['partial_json']) ?? '', out);
  }

  stop(out: ModelEvent[]): void {
    if (this.#closed) return;
    this.#closed = true;
    const index = this.#index;
    switch (this.#fields['type']) {
      case 'text':
      case 'thinking':
      case 'redacted_thinking':
        break;
      case 'tool_use': {
        const rest = this.#json.trim() === '' ? JSON.stringify(object(this.#fields['input'])) : this.#arguments.end();
        if (rest !== '') out.push({ type: 'tool-call-delta', index, arguments: rest });
        out.push({ type: 'tool-call-end', index });
        break;
      }
      default:
        out.push({ type: 'raw', raw: this.block });
    }
  }

  #grow(field: string, delta: JsonObject, out: ModelEvent[]): void {
    const piece = text(delta[field]);
    // What compaction seals comes with its text.
    if (delta['encrypted_content'] !== undefined) this.#fields['encrypted_content'] = delta['encrypted_content'];
    if (piece === undefined) return;
    this.#fields[field] = `${text(this.#fields[field]) ?? ''}${piece}`;
    if (this.#fields['type'] === 'text' && field === 'text') out.push({ type: 'text-delta', text: piece });
    if (this.#fields['type'] === 'thinking' && field === 'thinking') out.push({ type: 'reasoning-delta', text: piece });
  }

  /** Whole where it comes: one that comes later replaces it. */
  #signature(out: ModelEvent[]): void {
    const signature = text(this.#fields['signature']);
    if (this.#fields['type'] === 'thinking' && signature !== undefined)
      out.push({ type: 'reasoning-delta', text: '', ...this.#metadata({ signature }) });
  }

  #input(piece: string, out: ModelEvent[]): void {
    this.#json += piece;
    if (this.#fields['type'] !== 'tool_use') return;
    const certain = this.#arguments.push(piece);
    if (certain !== '') out.push({ type: 'tool-call-delta', index: this.#index, arguments: certain });
  }

  #metadata(data: JsonObject): { readonly providerMetadata: Readonly<Record<string, JsonObject>> } {
    return { providerMetadata: { [this.#endpoint]: data } };
  }
}

/** Arguments as the object that they are; what was cut off stays readable. */
function inputOf(json: string): JsonObject {
  try {
    const value: JsonValue = JSON.parse(json);
    if (isJsonObject(value)) return value;
  } catch {
    // The answer ended before they did.
  }
  return { arguments: json };
}
