import type { Finish } from './finish.ts';
import type { Message } from './message.ts';
import type { ModelEvent, ReasoningDelta, RefusalDelta, TextDelta } from './model-event.ts';
import type { Part, ProviderMetadata } from './part.ts';
import type { TokenLogprob } from './token-logprob.ts';
import type { Usage } from './usage.ts';

/** One sample of an answer, complete or not. */
export interface Sample {
  readonly message: Message;
  /** Absent while the sample is not finished. */
  readonly finish?: Finish;
  readonly logprobs?: readonly TokenLogprob[];
}

interface OpenText {
  type: 'text' | 'reasoning' | 'refusal';
  text: string;
  redacted?: boolean;
  providerMetadata?: ProviderMetadata;
}

interface OpenToolCall {
  type: 'tool-call';
  id: string;
  name: string;
  arguments: string;
  providerMetadata?: ProviderMetadata;
}

class OpenSample {
  readonly parts: (OpenText | OpenToolCall)[] = [];
  toolCalls: Map<number, OpenToolCall> | undefined;
  providerMetadata: ProviderMetadata | undefined;
  finish: Finish | undefined;
  logprobs: TokenLogprob[] | undefined;
}

/**
 * Puts the events of a call together: adjacent text, reasoning and refusal deltas become one part each, tool-call deltas
 * join their call by index, usage is replaced and never summed. Linear in the events; can be asked at any time for what
 * there is so far.
 */
export class MessageAssembler {
  readonly #samples: OpenSample[] = [];
  usage: Usage | undefined;
  responseId: string | undefined;
  resolvedModel: string | undefined;

  /** True once any event carried content. */
  get isEmpty(): boolean {
    return this.#samples.every((sample) => sample === undefined || sample.parts.length === 0);
  }

  push(event: ModelEvent): void {
    switch (event.type) {
      case 'text-delta':
        this.#append('text', event);
        break;
      case 'reasoning-delta':
        this.#append('reasoning', event);
        break;
      case 'refusal-delta':
        this.#append('refusal', event);
        break;
      case 'tool-call-start': {
        const sample = this.#sample(event.sample);
        const part: OpenToolCall = { type: 'tool-call', id: event.id, name: event.name, arguments: '' };
        if (event.providerMetadata !== undefined) part.providerMetadata = event.providerMetadata;
        (sample.toolCalls ??= new Map()).set(event.index, part);
        sample.parts.push(part);
        break;
      }
      case 'tool-call-delta': {
        const part = this.#sample(event.sample).toolCalls?.get(event.index);
        if (part !== undefined) part.arguments += event.arguments;
        break;
      }
      case 'tool-call-end': {
        const part = this.#sample(event.sample).toolCalls?.get(event.index);
        if (part !== undefined && event.providerMetadata !== undefined) {
          part.providerMetadata = mergeProviderMetadata(part.providerMetadata, event.providerMetadata);
        }
        break;
      }
      case 'logprobs': {
        const sample = this.#sample(event.sample);
        sample.logprobs ??= [];
        for (const token of event.tokens) sample.logprobs.push(token);
        break;
      }
      case 'metadata':
        this.responseId = event.responseId ?? this.responseId;
        this.resolvedModel = event.resolvedModel ?? this.resolvedModel;
        if (event.providerMetadata !== undefined) {
          const sample = this.#sample(event.sample);
          sample.providerMetadata = mergeProviderMetadata(sample.providerMetadata, event.providerMetadata);
        }
        break;
      case 'usage':
        this.usage = event.usage;
        break;
      case 'finish':
        this.#sample(event.sample).finish = event.raw === undefined ? { reason: event.reason } : { reason: event.reason, raw: event.raw };
        break;
      default:
        break;
    }
  }

  /** The samples so far, by index. A sample of which nothing came has no parts. */
  samples(): Sample[] {
    const samples: Sample[] = [];
    for (let i = 0; i < this.#samples.length; i++) samples.push(closedSample(this.#samples[i]));
    return samples;
  }

  /** The text of a sample so far, as its message has it; `undefined` when nothing of it came. */
  text(index: number): string | undefined {
    const parts = this.#samples[index]?.parts;
    if (parts === undefined) return undefined;
    let text = '';
    for (const part of parts) if (part.type === 'text') text += part.text.toWellFormed();
    return text;
  }

  #sample(index = 0): OpenSample {
    return (this.#samples[index] ??= new OpenSample());
  }

  #append(type: OpenText['type'], event: TextDelta | ReasoningDelta | RefusalDelta): void {
    const { parts } = this.#sample(event.sample);
    const redacted = event.type === 'reasoning-delta' && event.redacted === true;
    const last = parts.at(-1);
    // A withheld piece of reasoning stands alone: its opaque data must not be mixed with readable text.
    if (last !== undefined && last.type !== 'tool-call' && last.type === type && !redacted && last.redacted !== true) {
      last.text += event.text;
      if (event.providerMetadata !== undefined)
        last.providerMetadata = mergeProviderMetadata(last.providerMetadata, event.providerMetadata);
      return;
    }
    if (event.text === '' && event.providerMetadata === undefined && !redacted) return;
    const part: OpenText = { type, text: event.text };
    if (redacted) part.redacted = true;
    if (event.providerMetadata !== undefined) part.providerMetadata = event.providerMetadata;
    parts.push(part);
  }
}

/** Merges metadata provider by provider; for the same key of the same provider the later value wins. */
export function mergeProviderMetadata(before: ProviderMetadata | undefined, after: ProviderMetadata): ProviderMetadata {
  if (before === undefined) return after;
  const merged: Record<string, ProviderMetadata[string]> = { ...before };
  for (const [provider, data] of Object.entries(after)) merged[provider] = { ...merged[provider], ...data };
  return merged;
}

function closedSample(open: OpenSample | undefined): Sample {
  if (open === undefined) return { message: { role: 'assistant', parts: [] } };
  const { providerMetadata, finish, logprobs } = open;
  const parts = open.parts.map(closed);
  const message: Message = providerMetadata === undefined ? { role: 'assistant', parts } : { role: 'assistant', parts, providerMetadata };
  const sample: { -readonly [K in keyof Sample]: Sample[K] } = { message };
  if (finish !== undefined) sample.finish = finish;
  if (logprobs !== undefined) sample.logprobs = logprobs;
  return sample;
}

/** A copy that no later event changes. A character cut in half at the end of a broken stream becomes U+FFFD. */
function closed(part: OpenText | OpenToolCall): Part {
  if (part.type === 'tool-call') return { ...part, arguments: part.arguments.toWellFormed() };
  if (part.type === 'text' && part.providerMetadata === undefined) return { type: 'text', text: part.text.toWellFormed() };
  return { ...part, text: part.text.toWellFormed() };
}
