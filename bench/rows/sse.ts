import { textEvents } from '../server-answers.ts';
import type { Row } from '../row.ts';
import { rotate } from '../rotation.ts';

export const sseRow: Row = {
  name: 'sse',
  summary: 'decoding an event stream, without a network and without parsing the JSON in it',
  run: async (bench) => [
    await rotate(bench, {
      title: 'Event stream decoder',
      unit: 'MB',
      measure: 'rate',
      reference: 'naive split',
      cases: ['naive split', 'eventsource-parser', 'lmdeck'].map((task) => ({ name: task, client: 'sse', task, unitsPerRun: streamMb })),
      goals: [],
      concurrency: 1,
      rounds: bench.quick ? 3 : 7,
      sliceMs: bench.quick ? 60 : 150,
      trialRuns: 40,
    }),
  ],
};

const streamMb = Buffer.byteLength(textEvents(2000).join('')) / 1e6;
