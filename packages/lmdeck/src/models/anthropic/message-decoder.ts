import { isJsonObject, LmdeckError, type JsonObject, type JsonValue, type ModelEvent } from '../../core/index.ts';
import { number, object, text } from '../batches/fields.ts';
import { providerError } from '../openai-compatible/provider-error.ts';
import type { StreamedAnswer } from '../protocols/streamed-answer.ts';
import { BlockDecoder } from './block-decoder.ts';
import { messageUsage } from './message-usage.ts';
import { stopReason } from './stop-reason.ts';

/** Fields of a message that have a place of their own here. */
const KNOWN = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'usage']);
/** Fields that a block of each kind has when it is nothing but what a part says. */
const PLAIN: Readonly<Record<string, readonly string[]>> = {
  text: ['type', 'text'],
  thinking: ['type', 'thinking', 'signature'],
  redacted_thinking: ['type', 'data'],
  tool_use: ['type', 'id', 'name', 'input'],
};

/** Puts a message together from the events of the Messages API (platform.claude.com, "Streaming messages"). */
export class MessageDecoder implements StreamedAnswer {
  readonly #endpoint: string;
  readonly #blocks = new Map<number, BlockDecoder>();
  #fields: Readonly<Record<string, JsonValue | undefined>> = {};
  #usage: JsonObject | undefined;
  /** The provider has said how much it wrote: what it says at the start counts only the beginning. */
  #isCounted = false;
  #done = false;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  get done(): boolean {
    return this.#done;
  }

  /** The reason comes when the content is complete. */
  get isComplete(): boolean {
    return text(this.#fields['stop_reason']) !== undefined;
  }

  push(chunk: JsonObject, out: ModelEvent[]): void {
    switch (chunk['type']) {
      case 'message_start':
        this.#start(object(chunk['message']), out);
        break;
      case 'content_block_start':
        this.#startBlock(number(chunk['index']) ?? this.#blocks.size, object(chunk['content_block']), out);
        break;
      case 'content_block_delta':
        this.#block(chunk).delta(object(chunk['delta']), out);
        break;
      case 'content_block_stop':
        this.#block(chunk).stop(out);
        break;
      case 'message_delta': {
        const { type: _type, delta, usage, ...beside } = chunk;
        this.#set({ ...beside, ...object(delta) });
        if (isJsonObject(usage)) this.#count(usage, true);
        break;
      }
      case 'message_stop':
        this.#done = true;
        break;
      default:
        // Everything else (ping, kinds to come) says nothing of the message.
        if (chunk['type'] === 'error' || isJsonObject(chunk['error'])) throw providerError(this.#endpoint, chunk);
    }
  }

  end(out: ModelEvent[], complete: boolean): void {
    if (complete) for (const block of this.#blocks.values()) block.stop(out);
    const blocks = Array.from(this.#blocks.values(), ({ block }) => block);
    const extra = Object.fromEntries(Object.entries(this.#fields).filter(([key, value]) => !KNOWN.has(key) && value !== null));
    // What broke off would be refused if it went back like this.
    const kept = complete && !isPlain(blocks) ? { ...extra, content: blocks } : extra;
    if (Object.keys(kept).length > 0) out.push({ type: 'metadata', providerMetadata: { [this.#endpoint]: kept } });
    if (this.#usage !== undefined) {
      const { outputTokens, ...rest } = messageUsage(this.#usage);
      const known = outputTokens !== undefined && (complete || this.#isCounted) ? { outputTokens } : {};
      out.push({ type: 'usage', usage: { ...rest, ...known } });
    }
    const raw = text(this.#fields['stop_reason']);
    if (raw !== undefined) out.push({ type: 'finish', reason: stopReason(raw), raw });
  }

  #start(message: JsonObject, out: ModelEvent[]): void {
    this.#set(message);
    const responseId = text(message['id']);
    const resolvedModel = text(message['model']);
    out.push({
      type: 'metadata',
      ...(responseId === undefined ? {} : { responseId }),
      ...(resolvedModel === undefined ? {} : { resolvedModel }),
    });
    if (isJsonObject(message['usage'])) this.#count(message['usage'], false);
  }

  #startBlock(index: number, block: JsonObject, out: ModelEvent[]): void {
    const decoder = new BlockDecoder(this.#endpoint, index, block);
    this.#blocks.set(index, decoder);
    decoder.start(out);
    // Another model went on: the one that answers.
    const model = block['type'] === 'fallback' ? text(object(block['to'])['model']) : undefined;
    if (model !== undefined) out.push({ type: 'metadata', resolvedModel: model });
  }

  /** @throws LmdeckError `invalid-response` for a block that has not begun. */
  #block(chunk: JsonObject): BlockDecoder {
    const index = number(chunk['index']);
    const block = index === undefined ? undefined : this.#blocks.get(index);
    if (block !== undefined) return block;
    throw new LmdeckError(
      'invalid-response',
      `${this.#endpoint}: the stream goes on with content block ${index ?? 'without an index'}, which it had not begun.`,
    );
  }

  #set(fields: JsonObject): void {
    this.#fields = { ...this.#fields, ...present(fields) };
  }

  /** Counts are of the message so far; those that did not change may be missing. */
  #count(usage: JsonObject, isCounted: boolean): void {
    this.#usage = { ...this.#usage, ...(this.#usage === undefined ? usage : present(usage)) };
    this.#isCounted ||= isCounted;
  }
}

function present(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

/** True when the parts of a message say all that its blocks do: none of a kind of its own, no two that would become one. */
function isPlain(blocks: readonly JsonObject[]): boolean {
  return blocks.every((block, i) => {
    const type = text(block['type']) ?? '';
    const fields = PLAIN[type];
    if (fields === undefined || (type !== 'tool_use' && blocks[i - 1]?.['type'] === type)) return false;
    return Object.entries(block).every(([key, value]) => isNothing(value) || fields.includes(key) || key === 'caller');
  });
}

function isNothing(value: JsonValue | undefined): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}
