/** A chunk of a streamed chat completion, as far as the hand-written readers look into it. */
export interface ChatChunk {
  readonly choices: readonly {
    readonly delta?: {
      readonly content?: string | null;
      readonly tool_calls?: readonly { readonly function?: { readonly arguments?: string } }[];
    };
  }[];
}

/**
 * The least that can be done about a `text/event-stream`: split at blank lines, parse each event. Not correct (line ends, comments,
 * multi-line data), which makes it the floor.
 */
export function handSse(onChunk: (chunk: ChatChunk) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (bytes) => {
    const text = rest + decoder.decode(bytes, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', start)) {
      // 91 is "[", the beginning of "[DONE]".
      if (text.charCodeAt(start + 6) !== 91) onChunk(JSON.parse(text.slice(start + 6, end)));
      start = end + 2;
    }
    rest = text.slice(start);
  };
}

/** Makes something of the chunks of an answer; as text, it says what. */
export interface ChunkReader {
  readonly chunk: (chunk: ChatChunk) => void;
  toString(): string;
}

/** Counts the pieces of a streamed text. */
export class TextCount implements ChunkReader {
  #pieces = 0;
  #characters = 0;

  readonly chunk = (chunk: ChatChunk): void => {
    const text = chunk.choices[0]?.delta?.content;
    if (typeof text === 'string' && text !== '') this.text(text);
  };

  text(text: string): void {
    this.#pieces += 1;
    this.#characters += text.length;
  }

  toString(): string {
    return `${this.#pieces} pieces, ${this.#characters} characters`;
  }
}

/** Joins the arguments of a streamed tool call. */
export class ArgumentsJoin implements ChunkReader {
  #text = '';

  readonly chunk = (chunk: ChatChunk): void => {
    this.#text += chunk.choices[0]?.delta?.tool_calls?.[0]?.function?.arguments ?? '';
  };

  toString(): string {
    return describeArguments(JSON.parse(this.#text));
  }
}

/** What the arguments of the tool call of the mock server were. */
export function describeArguments(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `not an object: ${typeof value}`;
  return Object.entries(value)
    .map(([key, each]) => `${key} ${Array.isArray(each) || typeof each === 'string' ? each.length : 'other'}`)
    .join(', ');
}

/** The text of a chat completion. */
export function completionText(body: string): string {
  const parsed: { readonly choices: readonly { readonly message: { readonly content: string } }[] } = JSON.parse(body);
  return parsed.choices[0]?.message.content ?? '';
}
