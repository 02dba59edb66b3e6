import { seeded, wordsOf } from './workload.ts';

const random = seeded(12345);
const answerText = 'Paris is the capital of France; it sits on the Seine in the north of the country.';
const identity = { id: 'chatcmpl-CkT7s0XmJt3aQ9vN2hLwB5yRzE1pD', created: 1763660000, model: 'gpt-4o-mini-2024-07-18' };
const chunkHead = { ...identity, object: 'chat.completion.chunk', service_tier: 'default', system_fingerprint: 'fp_8bda4d3a2c' };

/** A whole answer of a chat model, with everything that OpenAI puts into one. */
export const completion = JSON.stringify({
  ...identity,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: answerText, refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    ...usage(19),
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  },
  service_tier: 'default',
  system_fingerprint: 'fp_8bda4d3a2c',
});

const streams = new Map<string, readonly Buffer[]>();

/** How a model of this mock server streams; see {@link streamShape}. */
interface StreamShape {
  readonly kind: 'text' | 'tool';
  /** How many deltas. */
  readonly deltas: number;
  /** How many events go into one write to the socket. */
  readonly eventsPerWrite: number;
  /** Milliseconds between two writes; 0 for as fast as the client reads. */
  readonly paceMs: number;
}

/** Reads the shape from the model's name: `text-2000-x8`, `tool-250-x8`, `text-300-x1-2ms`; 20 deltas for any other name. */
export function streamShape(model: string): StreamShape {
  const [, kind, deltas, eventsPerWrite, paceMs] = /(text|tool)-(\d+)-x(\d+)(?:-(\d+)ms)?/.exec(model) ?? [];
  return {
    kind: kind === 'tool' ? 'tool' : 'text',
    deltas: Number(deltas ?? 20),
    eventsPerWrite: Number(eventsPerWrite ?? 1),
    paceMs: Number(paceMs ?? 0),
  };
}

/** The writes of a streamed answer, in HTTP's chunked encoding, made once for each shape. */
export function streamWrites(shape: StreamShape): readonly Buffer[] {
  const key = `${shape.kind} ${shape.deltas} ${shape.eventsPerWrite}`;
  const known = streams.get(key);
  if (known !== undefined) return known;
  const events = shape.kind === 'text' ? textEvents(shape.deltas) : toolEvents(shape.deltas);
  const writes: Buffer[] = [];
  for (let i = 0; i < events.length; i += shape.eventsPerWrite) {
    const body = Buffer.from(events.slice(i, i + shape.eventsPerWrite).join(''));
    writes.push(Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]));
  }
  writes.push(Buffer.from('0\r\n\r\n'));
  streams.set(key, writes);
  return writes;
}

/** The events of a streamed text of `deltas` pieces of 8 characters. */
export function textEvents(deltas: number): string[] {
  return [
    event({ role: 'assistant', content: '', refusal: null }),
    ...Array.from({ length: deltas }, () => event({ content: wordsOf(8, random) })),
    event({}, 'stop'),
    ...lastEvents(deltas),
  ];
}

function toolEvents(deltas: number): string[] {
  const text = toolArguments(deltas * 8);
  const call = { index: 0, id: 'call_abc123', type: 'function', function: { name: 'save_notes', arguments: '' } };
  return [
    event({ role: 'assistant', content: null, tool_calls: [call] }),
    ...Array.from({ length: deltas }, (_, i) =>
      event({ tool_calls: [{ index: 0, function: { arguments: text.slice(i * 8, i * 8 + 8) } }] }),
    ),
    event({}, 'tool_calls'),
    ...lastEvents(deltas),
  ];
}

/** JSON text of exactly `length` characters. */
function toolArguments(length: number): string {
  let text = '{"title":"list of notes","items":[';
  for (let i = 0; text.length < length - 80; i++) {
    const item = { id: Math.floor(random() * 1e6), note: wordsOf(24, random), done: random() < 0.5 };
    text += (i === 0 ? '' : ',') + JSON.stringify(item);
  }
  text += '],"pad":"';
  return `${text.padEnd(length - 2, 'x')}"}`;
}

function event(delta: object, finishReason: string | null = null): string {
  const choice = { index: 0, delta, logprobs: null, finish_reason: finishReason };
  return `data: ${JSON.stringify({ ...chunkHead, choices: [choice] })}\n\n`;
}

function lastEvents(deltas: number): string[] {
  return [`data: ${JSON.stringify({ ...chunkHead, choices: [], usage: usage(deltas) })}\n\n`, 'data: [DONE]\n\n'];
}

function usage(completionTokens: number): object {
  return { prompt_tokens: 24, completion_tokens: completionTokens, total_tokens: 24 + completionTokens };
}
