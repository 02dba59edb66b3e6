import {
  canonicalJson,
  decodeChunks,
  MessageAssembler,
  type Chunk,
  type Finish,
  type FinishEvent,
  type Message,
  type ModelEvent,
  type Part,
  type RecordedAnswer,
  type Sample,
  type TokenLogprob,
} from '../core/index.ts';

type Answer = Omit<RecordedAnswer, 'id' | 'cachedFrom'>;

/**
 * A recorded answer as the events that make it: in the pieces in which it once came where they were recorded and
 * `inPieces` asks for them, else one event for each part. No time passes between them.
 */
export function answerEvents(answer: Answer, inPieces: boolean): ModelEvent[] {
  const { samples, chunks, usage, responseId, resolvedModel } = answer;
  const events: ModelEvent[] = [];
  if (responseId !== undefined || resolvedModel !== undefined) events.push(metadataOf(responseId, resolvedModel));
  const pieces = inPieces && chunks !== undefined ? piecewise(samples, chunks) : undefined;
  if (pieces === undefined) pushWholeParts(events, samples);
  else for (const event of pieces) events.push(event);
  if (usage !== undefined) events.push({ type: 'usage', usage });
  for (let sample = 0; sample < samples.length; sample++) {
    const finish = samples[sample]?.finish;
    if (finish !== undefined) events.push(sample === 0 ? finishOf(finish) : { ...finishOf(finish), sample });
  }
  return events;
}

// Field by field and not by spreads, which cost more than all the rest: the answers of a cache pass here.

function metadataOf(responseId: string | undefined, resolvedModel: string | undefined): ModelEvent {
  if (responseId === undefined) return resolvedModel === undefined ? { type: 'metadata' } : { type: 'metadata', resolvedModel };
  return resolvedModel === undefined ? { type: 'metadata', responseId } : { type: 'metadata', responseId, resolvedModel };
}

function finishOf({ reason, raw }: Finish): FinishEvent {
  return raw === undefined ? { type: 'finish', reason } : { type: 'finish', reason, raw };
}

/** Names the sample of an event; sample 0 is the default. */
function of(sample: number): { readonly sample?: number } | undefined {
  return sample === 0 ? undefined : { sample };
}

function pushWholeParts(events: ModelEvent[], samples: readonly Sample[]): void {
  for (const [sample, { message, logprobs }] of samples.entries()) {
    let index = 0;
    for (const part of message.parts) {
      if (part.type === 'text' && sample === 0 && part.providerMetadata === undefined) {
        events.push({ type: 'text-delta', text: part.text });
      } else if (part.type === 'tool-call') {
        events.push(startOf(part, sample, index));
        if (part.arguments !== '') events.push({ type: 'tool-call-delta', index, arguments: part.arguments, ...of(sample) });
        events.push({ type: 'tool-call-end', index, ...of(sample) });
        index++;
      } else {
        const event = delta(part, sample, 'text' in part ? part.text : '', true);
        if (event !== undefined) events.push(event);
      }
    }
    if (logprobs !== undefined || message.providerMetadata !== undefined) events.push(...trailer(message, logprobs, sample));
  }
}

function trailer(message: Message, logprobs: readonly TokenLogprob[] | undefined, sample: number): ModelEvent[] {
  const events: ModelEvent[] = [];
  if (logprobs !== undefined) events.push({ type: 'logprobs', tokens: logprobs, ...of(sample) });
  const { providerMetadata } = message;
  if (providerMetadata !== undefined) events.push({ type: 'metadata', providerMetadata, ...of(sample) });
  return events;
}

function startOf(part: Part & { type: 'tool-call' }, sample: number, index: number): ModelEvent {
  const { id, name, providerMetadata } = part;
  return {
    type: 'tool-call-start',
    index,
    id,
    name,
    ...(providerMetadata === undefined ? undefined : { providerMetadata }),
    ...of(sample),
  };
}

/** A piece of a part that is text; what goes with the part goes with its first piece. */
function delta(part: Part, sample: number, text: string, isFirst: boolean): ModelEvent | undefined {
  const metadata = isFirst && part.providerMetadata !== undefined ? { providerMetadata: part.providerMetadata } : undefined;
  switch (part.type) {
    case 'text':
      return { type: 'text-delta', text, ...metadata, ...of(sample) };
    case 'refusal':
      return { type: 'refusal-delta', text, ...metadata, ...of(sample) };
    case 'reasoning':
      return { type: 'reasoning-delta', text, ...(part.redacted === true ? { redacted: true } : undefined), ...metadata, ...of(sample) };
    default:
      return undefined;
  }
}

/** The recorded pieces; `undefined` when they do not belong to this answer. */
function piecewise(samples: readonly Sample[], text: string): ModelEvent[] | undefined {
  const chunks = decodeChunks(text);
  if (chunks === undefined) return undefined;
  const cursors = samples.map((sample) => new Cursor(sample));
  const events: ModelEvent[] = [];
  for (const chunk of chunks) {
    const cursor = cursors[chunk.sample];
    if (cursor === undefined) return undefined;
    const event = cursor.take(chunk);
    if (event !== undefined) events.push(event);
  }
  for (const [sample, { message }] of samples.entries()) events.push(...trailer(message, undefined, sample));
  return makes(events, samples) ? events : undefined;
}

/** True when the events put together give the samples: a record that was edited or imported need not agree with itself. */
function makes(events: readonly ModelEvent[], samples: readonly Sample[]): boolean {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  return content(assembler.samples()) === content(samples);
}

function content(samples: readonly Sample[]): string {
  return canonicalJson(samples.map(({ message, logprobs }) => ({ message, logprobs })));
}

interface Place {
  readonly part: Part;
  readonly text: string;
  at: number;
  begun: boolean;
}

/** Hands out one sample piece by piece. */
class Cursor {
  readonly #places: Record<'text' | 'reasoning' | 'refusal' | 'tool-call', Place[]> = {
    text: [],
    reasoning: [],
    refusal: [],
    'tool-call': [],
  };
  readonly #calls = new Map<number, Place>();
  readonly #logprobs: readonly TokenLogprob[];
  #tokens = 0;

  constructor(sample: Sample) {
    this.#logprobs = sample.logprobs ?? [];
    for (const part of sample.message.parts) {
      if (part.type === 'tool-call') this.#places['tool-call'].push({ part, text: part.arguments, at: 0, begun: false });
      else if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal')
        this.#places[part.type].push({ part, text: part.text, at: 0, begun: false });
    }
  }

  take({ kind, sample, index, length }: Chunk): ModelEvent | undefined {
    switch (kind) {
      case 'text':
      case 'reasoning':
      case 'refusal':
        return this.#text(this.#places[kind], sample, length);
      case 'tool-call-start': {
        const place = this.#places['tool-call'].shift();
        if (place?.part.type !== 'tool-call') return undefined;
        this.#calls.set(index, place);
        return startOf(place.part, sample, index);
      }
      case 'tool-call-delta': {
        const place = this.#calls.get(index);
        return place === undefined ? undefined : { type: kind, index, arguments: slice(place, length), ...of(sample) };
      }
      case 'tool-call-end':
        return { type: kind, index, ...of(sample) };
      default:
        return { type: 'logprobs', tokens: this.#logprobs.slice(this.#tokens, (this.#tokens += length)), ...of(sample) };
    }
  }

  #text(places: Place[], sample: number, length: number): ModelEvent | undefined {
    let place = places[0];
    while (place !== undefined && place.begun && place.at === place.text.length && places.length > 1) {
      places.shift();
      place = places[0];
    }
    // Servers send empty pieces before there is anything to say: only a part that is empty itself begins with one.
    if (place === undefined || (length === 0 && (place.begun || place.text !== ''))) return undefined;
    const isFirst = !place.begun;
    place.begun = true;
    return delta(place.part, sample, slice(place, length), isFirst);
  }
}

function slice(place: Place, length: number): string {
  return place.text.slice(place.at, (place.at += length));
}
