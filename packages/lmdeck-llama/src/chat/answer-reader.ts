import type { ModelEvent } from 'lmdeck/core';
import { MarkerScanner } from '../marker-scanner.ts';
import { ToolCallReader } from './tool-call-reader.ts';
import type { ToolSyntax } from './tool-syntax.ts';

/** How a model writes its reasoning. */
export interface ReasoningSyntax {
  readonly opening: string;
  readonly closing: string;
}

/** What the text of an answer can contain. */
export interface AnswerSyntax {
  /** Texts that end the answer; nothing of them is given out. */
  readonly stops: readonly string[];
  /** Absent when the request has no tools. */
  readonly tools?: ToolSyntax | undefined;
  readonly reasoning?: ReasoningSyntax | undefined;
  /** True when the prompt ends inside the reasoning. */
  readonly startsReasoning: boolean;
  /** White space at the beginning belongs to the template, not to the answer. */
  readonly trimStart: boolean;
  /** Makes the id of a tool call. */
  readonly callId: () => string;
}

interface Marker {
  readonly text: string;
  readonly kind: 'stop' | 'call' | 'think' | 'answer';
}

/** Turns the text of an answer, in pieces of any length, into events: text, reasoning, tool calls. */
export class AnswerReader {
  readonly #syntax: AnswerSyntax;
  readonly #inText: readonly Marker[];
  #scanner: MarkerScanner<Marker>;
  #mode: 'text' | 'reasoning' | 'call';
  #call: ToolCallReader | undefined;
  #trim: boolean;
  /** How many tool calls have begun. */
  calls = 0;
  /** True once a stop text was found: everything after it is ignored. */
  stopped = false;

  constructor(syntax: AnswerSyntax) {
    this.#syntax = syntax;
    const { stops, tools, reasoning } = syntax;
    this.#inText = [
      ...stops.map((text): Marker => ({ text, kind: 'stop' })),
      ...(tools === undefined ? [] : withLineBreak(tools.opening, 'call')),
      ...(reasoning === undefined ? [] : [{ text: reasoning.opening, kind: 'think' } as const]),
    ];
    this.#mode = syntax.startsReasoning && reasoning !== undefined ? 'reasoning' : 'text';
    this.#scanner = this.#scannerFor(this.#mode);
    this.#trim = syntax.trimStart || this.#mode === 'reasoning';
  }

  /** True while the text is the model's reasoning. */
  get reasoning(): boolean {
    return this.#mode === 'reasoning';
  }

  push(text: string): readonly ModelEvent[] {
    const events: ModelEvent[] = [];
    let rest: string | undefined = text;
    while (rest !== undefined && !this.stopped) rest = this.#mode === 'call' ? this.#readCall(rest, events) : this.#readText(rest, events);
    return events;
  }

  /** What was held back, when no more text comes. */
  end(): readonly ModelEvent[] {
    if (this.stopped) return [];
    const events: ModelEvent[] = [];
    if (this.#mode === 'call') {
      this.#mode = 'text';
      this.#emit(this.#call?.end() ?? '', events);
    } else this.#emit(this.#scanner.end(), events);
    return events;
  }

  #readText(text: string, events: ModelEvent[]): string | undefined {
    const found = this.#scanner.push(text);
    if (typeof found === 'string') {
      this.#emit(found, events);
      return undefined;
    }
    this.#emit(found.text, events);
    switch (found.marker.kind) {
      case 'stop':
        this.stopped = true;
        return undefined;
      case 'call':
        return this.#beginCall(found.rest);
      case 'think':
        this.#enter('reasoning');
        return found.rest;
      case 'answer':
        this.#enter('text');
        return found.rest;
    }
  }

  #beginCall(rest: string): string | undefined {
    const { tools, callId } = this.#syntax;
    if (tools === undefined) return rest;
    this.#mode = 'call';
    this.#call = new ToolCallReader(tools, this.calls, callId());
    return rest;
  }

  #readCall(text: string, events: ModelEvent[]): string | undefined {
    const progress = this.#call?.push(text);
    if (progress === undefined) return undefined;
    for (const event of progress.events) {
      if (event.type === 'tool-call-start') this.calls++;
      events.push(event);
    }
    if (progress.rest === undefined) return undefined;
    this.#enter('text');
    if (progress.text !== undefined) {
      this.#trim = false;
      this.#emit(progress.text, events);
    }
    return progress.rest;
  }

  #enter(mode: 'text' | 'reasoning'): void {
    this.#mode = mode;
    this.#scanner = this.#scannerFor(mode);
    this.#trim = true;
  }

  #scannerFor(mode: 'text' | 'reasoning' | 'call'): MarkerScanner<Marker> {
    const { reasoning } = this.#syntax;
    return new MarkerScanner(mode === 'reasoning' && reasoning !== undefined ? withLineBreak(reasoning.closing, 'answer') : this.#inText);
  }

  #emit(text: string, events: ModelEvent[]): void {
    const given = this.#trim ? text.trimStart() : text;
    if (given === '') return;
    this.#trim = false;
    events.push({ type: this.#mode === 'reasoning' ? 'reasoning-delta' : 'text-delta', text: given });
  }
}

/** A marker with and without the line break before it, which belongs to the marker. */
function withLineBreak(text: string, kind: Marker['kind']): Marker[] {
  return [
    { text, kind },
    { text: `\n${text}`, kind },
  ];
}
