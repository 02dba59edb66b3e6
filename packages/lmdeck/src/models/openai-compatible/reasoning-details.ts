import { isJsonObject, type JsonObject, type JsonValue } from '../../core/index.ts';

/** One block of reasoning, as far as it has come. */
type Block = Record<string, JsonValue | undefined>;

/**
 * Collects OpenRouter's `reasoning_details`: blocks of readable text or summary, signed or encrypted, that must go back
 * with the message as they came. Deltas of one block are joined; the text pieces are handed out as they come.
 */
export class ReasoningDetails {
  readonly #blocks: Block[] = [];

  /** @returns the readable text of these details, and whether one of them was withheld. */
  push(details: JsonValue): { readonly text: string; readonly redacted: boolean } {
    let text = '';
    let redacted = false;
    if (Array.isArray(details)) {
      for (const detail of details) {
        if (!isJsonObject(detail)) continue;
        text += stringOf(detail['text']) + stringOf(detail['summary']);
        redacted ||= detail['type'] === 'reasoning.encrypted';
        this.#join(detail);
      }
    }
    return { text, redacted };
  }

  /** The blocks, ready to be sent back; `undefined` when there are none. */
  get blocks(): readonly JsonObject[] | undefined {
    return this.#blocks.length === 0 ? undefined : this.#blocks;
  }

  #join(detail: JsonObject): void {
    const last = this.#blocks.at(-1);
    if (last === undefined || !continues(last, detail)) {
      this.#blocks.push({ ...detail });
      return;
    }
    for (const [key, value] of Object.entries(detail)) {
      const before = last[key];
      if ((key === 'text' || key === 'summary') && typeof before === 'string' && typeof value === 'string') last[key] = before + value;
      else if (value !== null && value !== undefined) last[key] = value;
    }
  }
}

/** Deltas of one block share its type and index; what is encrypted comes whole. */
function continues(block: Block, detail: JsonObject): boolean {
  if (detail['type'] === 'reasoning.encrypted' || block['type'] !== detail['type']) return false;
  return agree(block['index'], detail['index']) && agree(block['id'], detail['id']);
}

function agree(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return a === b || a === null || a === undefined || b === null || b === undefined;
}

function stringOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
