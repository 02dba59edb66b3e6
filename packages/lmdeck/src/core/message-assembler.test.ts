import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageAssembler } from './message-assembler.ts';
import { messageText } from './message.ts';
import type { ModelEvent } from './model-event.ts';
import type { Part } from './part.ts';

function assemble(events: readonly ModelEvent[]): MessageAssembler {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  return assembler;
}

function partsOf(events: readonly ModelEvent[]): readonly Part[] {
  return assemble(events).samples()[0]?.message.parts ?? [];
}

test('any way of cutting text, reasoning and arguments gives the same parts', () => {
  const piece = fc.record({
    kind: fc.constantFrom('text' as const, 'reasoning' as const, 'refusal' as const),
    text: fc.string({ unit: 'binary', minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(5), { minLength: 1 }), (pieces, cuts) => {
      const events: ModelEvent[] = [];
      let cut = 0;
      for (const { kind, text } of pieces) {
        for (let at = 0; at < text.length;) {
          const size = (cuts[cut++ % cuts.length] ?? 0) + 1;
          events.push({ type: `${kind}-delta`, text: text.slice(at, at + size) });
          at += size;
        }
      }
      const expected: { type: string; text: string }[] = [];
      for (const { kind, text } of pieces) {
        const last = expected.at(-1);
        if (last?.type === kind) last.text += text;
        else expected.push({ type: kind, text });
      }
      expect(partsOf(events)).toEqual(expected.map((part) => ({ ...part, text: part.text.toWellFormed() })));
    }),
  );
});

test('parallel tool calls with gaps in their indexes, interleaved', () => {
  expect(
    partsOf([
      { type: 'tool-call-start', index: 1, id: 'a', name: 'f' },
      { type: 'tool-call-start', index: 7, id: 'b', name: 'g' },
      { type: 'tool-call-delta', index: 7, arguments: '{"x"' },
      { type: 'tool-call-delta', index: 1, arguments: '{}' },
      { type: 'tool-call-delta', index: 7, arguments: ':1}' },
    ]),
  ).toEqual([
    { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' },
    { type: 'tool-call', id: 'b', name: 'g', arguments: '{"x":1}' },
  ]);
});

test('empty deltas make no parts; metadata alone does, and merges key by key', () => {
  expect(partsOf([{ type: 'text-delta', text: '' }])).toEqual([]);
  expect(
    partsOf([
      { type: 'reasoning-delta', text: '', providerMetadata: { a: { id: 1 } } },
      { type: 'reasoning-delta', text: 'hm', providerMetadata: { a: { signature: 's' }, b: { x: 1 } } },
    ]),
  ).toEqual([{ type: 'reasoning', text: 'hm', providerMetadata: { a: { id: 1, signature: 's' }, b: { x: 1 } } }]);
});

test('withheld reasoning stands alone', () => {
  expect(
    partsOf([
      { type: 'reasoning-delta', text: 'a' },
      { type: 'reasoning-delta', text: '', redacted: true, providerMetadata: { p: { data: 'x' } } },
      { type: 'reasoning-delta', text: 'b' },
    ]),
  ).toEqual([
    { type: 'reasoning', text: 'a' },
    { type: 'reasoning', text: '', redacted: true, providerMetadata: { p: { data: 'x' } } },
    { type: 'reasoning', text: 'b' },
  ]);
});

test('samples that came out of order or not at all keep their index', () => {
  const samples = assemble([
    { type: 'text-delta', text: 'two', sample: 2 },
    { type: 'finish', reason: 'stop', sample: 2 },
  ]).samples();
  expect(samples).toHaveLength(3);
  expect(samples[0]?.message.parts).toEqual([]);
  expect(samples[2]).toEqual({ message: { role: 'assistant', parts: [{ type: 'text', text: 'two' }] }, finish: { reason: 'stop' } });
});

test('what was handed out does not change later', () => {
  const assembler = assemble([{ type: 'text-delta', text: 'a' }]);
  const before = assembler.samples();
  assembler.push({ type: 'text-delta', text: 'b' });
  expect(before[0]?.message.parts).toEqual([{ type: 'text', text: 'a' }]);
});

test('an unknown event is ignored', () => {
  const unknown: ModelEvent = JSON.parse('{"type":"video-delta","data":1}');
  expect(partsOf([unknown, { type: 'text-delta', text: 'a' }])).toEqual([{ type: 'text', text: 'a' }]);
});

test('text() is the text of the message, without making one', () => {
  const event = fc.oneof(
    fc.record({
      type: fc.constantFrom('text-delta' as const, 'reasoning-delta' as const),
      text: fc.string({ unit: 'binary' }),
      sample: fc.nat(2),
    }),
    fc.record({ type: fc.constant('tool-call-start' as const), index: fc.nat(1), id: fc.constant('1'), name: fc.constant('f') }),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const assembler = assemble(events);
      const texts = assembler.samples().map(({ message }) => messageText(message));
      for (let sample = 0; sample < 4; sample++) expect(assembler.text(sample) ?? '').toBe(texts[sample] ?? '');
      if (texts.length === 0) expect(assembler.text(0)).toBeUndefined();
    }),
  );
});
