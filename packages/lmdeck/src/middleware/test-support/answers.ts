import fc from 'fast-check';
import { ChunkEncoder, MessageAssembler, type ModelEvent, type RecordedAnswer } from '../../core/index.ts';

const piece = fc.string({ unit: 'grapheme', maxLength: 6 });
const sample = fc.constantFrom(0, 0, 0, 1);
export const contentEvent: fc.Arbitrary<ModelEvent> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), text: piece, sample }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('reasoning-delta' as const), text: piece, sample }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('refusal-delta' as const), text: piece, sample }, { noNullPrototype: true }),
  fc.record(
    {
      type: fc.constant('reasoning-delta' as const),
      text: fc.constant(''),
      sample,
      redacted: fc.constant(true),
      providerMetadata: fc.constant({ a: { data: 'x' } }),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('text-delta' as const), text: piece, sample, providerMetadata: fc.constant({ a: { b: 1 } }) },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constant('tool-call-start' as const), index: fc.nat(2), id: piece, name: piece, sample }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('tool-call-delta' as const), index: fc.nat(2), arguments: piece, sample }, { noNullPrototype: true }),
  fc.record(
    {
      type: fc.constant('logprobs' as const),
      tokens: fc.array(fc.record({ token: piece, logprob: fc.integer({ max: 0 }) }, { noNullPrototype: true }), { maxLength: 2 }),
      sample,
    },
    { noNullPrototype: true },
  ),
);

/** The answer that these events make, with its pieces; `waitMs` of the i-th. */
export function answered(events: readonly ModelEvent[], waitMs: (i: number) => number = () => 0): RecordedAnswer {
  const assembler = new MessageAssembler();
  const chunks = new ChunkEncoder();
  for (const [i, each] of events.entries()) {
    assembler.push(each);
    const index = 'index' in each ? each.index : 0;
    const at = 'sample' in each ? (each.sample ?? 0) : 0;
    if (each.type === 'text-delta') chunks.push('text', at, 0, each.text.length, waitMs(i));
    if (each.type === 'reasoning-delta') chunks.push('reasoning', at, 0, each.text.length, waitMs(i));
    if (each.type === 'refusal-delta') chunks.push('refusal', at, 0, each.text.length, waitMs(i));
    if (each.type === 'tool-call-start') chunks.push(each.type, at, index, 0, waitMs(i));
    if (each.type === 'tool-call-delta') chunks.push(each.type, at, index, each.arguments.length, waitMs(i));
    if (each.type === 'logprobs') chunks.push(each.type, at, 0, each.tokens.length, waitMs(i));
  }
  // A sample of which nothing came is known by its end.
  for (const sample of [0, 1]) assembler.push({ type: 'finish', reason: 'stop', sample });
  return { id: 'recorded', samples: assembler.samples(), chunks: chunks.toString() };
}
