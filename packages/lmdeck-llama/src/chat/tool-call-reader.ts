import { isJsonObject, type JsonValue, type ModelEvent } from 'lmdeck/core';
import { JsonEnd } from './json-end.ts';
import type { ToolSyntax } from './tool-syntax.ts';

/** What came of a piece of text. */
export interface CallProgress {
  readonly events: readonly ModelEvent[];
  /** Set when the call is over: what came after it. */
  readonly rest?: string;
  /** Set when it was no call after all: it is text. */
  readonly text?: string;
}

const LONGEST_HEADER = 512;
const NAME = `([^\\s"'(){}<>=:,]+)`;

/**
 * Reads one tool call, from behind its opening to its end. White space may differ from the syntax; for `{"name": …}` calls the
 * keys may come in another order. Arguments are given on as they come, to the byte.
 */
export class ToolCallReader {
  readonly #syntax: ToolSyntax;
  readonly #index: number;
  readonly #id: string;
  readonly #header: RegExp;
  readonly #suffix: RegExp;
  #state: 'header' | 'before-arguments' | 'arguments' | 'suffix' = 'header';
  #buffer = '';
  #json = new JsonEnd();

  constructor(syntax: ToolSyntax, index: number, id: string) {
    this.#syntax = syntax;
    this.#index = index;
    this.#id = id;
    const whole = syntax.sectionPrefix + syntax.prefix;
    const afterOpening = whole.slice(whole.indexOf(syntax.opening) + syntax.opening.length);
    this.#header = new RegExp(`^\\s*${flexible(afterOpening)}${NAME}${flexible(syntax.paramsPrefix)}`);
    this.#suffix = new RegExp(`^\\s*${flexible(syntax.suffix)}`);
  }

  push(text: string): CallProgress {
    this.#buffer += text;
    const events: ModelEvent[] = [];
    for (;;) {
      const state = this.#state;
      const over = this.#step(events);
      if (over !== undefined) return { events, ...over };
      if (this.#state === state) return { events };
    }
  }

  /** What is left when the answer ends inside the call: text, unless the call had begun. */
  end(): string {
    return this.#state === 'header' ? this.#syntax.opening + this.#buffer : '';
  }

  #step(events: ModelEvent[]): { rest: string } | { text: string; rest: string } | undefined {
    switch (this.#state) {
      case 'header':
        return this.#readHeader(events);
      case 'before-arguments':
        return this.#beginArguments(events);
      case 'arguments':
        return this.#readArguments(events);
      case 'suffix':
        return this.#readSuffix();
    }
  }

  #readHeader(events: ModelEvent[]): { text: string; rest: string } | { rest: string } | undefined {
    const match = this.#header.exec(this.#buffer);
    if (match !== null) {
      this.#start(events, match[1] ?? '');
      this.#buffer = this.#buffer.slice(match[0].length);
      this.#state = 'before-arguments';
      return undefined;
    }
    const { closing, opening } = this.#syntax;
    const close = closing === undefined ? -1 : this.#buffer.indexOf(closing);
    if (close < 0) return this.#buffer.length > LONGEST_HEADER ? { text: opening + this.#buffer, rest: '' } : undefined;
    const inside = this.#buffer.slice(0, close);
    const rest = this.#buffer.slice(close + (closing?.length ?? 0));
    const call = parseCall(inside);
    if (call === undefined) return { text: `${opening}${inside}${closing ?? ''}`, rest };
    this.#start(events, call.name);
    this.#delta(events, call.arguments);
    events.push({ type: 'tool-call-end', index: this.#index });
    return { rest };
  }

  #beginArguments(events: ModelEvent[]): undefined {
    const begun = this.#buffer.trimStart();
    if (begun === '') return undefined;
    if (begun.startsWith('{') || begun.startsWith('[')) {
      this.#buffer = begun;
      this.#state = 'arguments';
    } else if (this.#suffix.test(this.#buffer) || this.#buffer.length > this.#syntax.suffix.length) {
      events.push({ type: 'tool-call-end', index: this.#index });
      this.#state = 'suffix';
    }
    return undefined;
  }

  #readArguments(events: ModelEvent[]): undefined {
    const end = this.#json.push(this.#buffer);
    this.#delta(events, end === undefined ? this.#buffer : this.#buffer.slice(0, end));
    this.#buffer = end === undefined ? '' : this.#buffer.slice(end);
    if (end === undefined) return undefined;
    events.push({ type: 'tool-call-end', index: this.#index });
    this.#state = 'suffix';
    return undefined;
  }

  #readSuffix(): { rest: string } | undefined {
    const match = this.#suffix.exec(this.#buffer);
    if (match !== null) return { rest: this.#buffer.slice(match[0].length) };
    return this.#buffer.length > this.#syntax.suffix.length + 16 ? { rest: this.#buffer } : undefined;
  }

  #start(events: ModelEvent[], name: string): void {
    events.push({ type: 'tool-call-start', index: this.#index, id: this.#id, name });
  }

  #delta(events: ModelEvent[], text: string): void {
    if (text !== '') events.push({ type: 'tool-call-delta', index: this.#index, arguments: text });
  }
}

/** A pattern for a text in which white space may be more or less. */
function flexible(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => word.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`))
    .join(String.raw`\s*`);
}

function parseCall(text: string): { name: string; arguments: string } | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    if (!isJsonObject(value) || typeof value['name'] !== 'string') return undefined;
    return { name: value['name'], arguments: JSON.stringify(value['arguments'] ?? value['parameters'] ?? {}) };
  } catch {
    return undefined;
  }
}
