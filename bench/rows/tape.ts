import type { Row } from '../row.ts';
import { rotate } from '../rotation.ts';

export const tapeRow: Row = {
  name: 'tape',
  summary: 'writing calls, looking them up and opening the file, against node:sqlite by hand',
  run: async (bench) => {
    const rounds = bench.quick ? 3 : 7;
    const sliceMs = bench.quick ? 100 : 250;
    return [
      await rotate(bench, {
        title: 'Writing calls, every one with new messages',
        unit: 'call',
        measure: 'rate',
        reference: 'node:sqlite, 100 rows per transaction',
        cases: [
          { name: 'node:sqlite, 100 rows per transaction', client: 'node:sqlite', task: 'write' },
          { name: 'lmdeck tape, start + finish', client: 'lmdeck tape', task: 'write' },
          { name: 'lmdeck tape, start + finish, hashing included', client: 'lmdeck tape', task: 'hash and write' },
        ],
        goals: [
          {
            what: 'lmdeck ÷ node:sqlite in batches of 100, calls per second',
            measure: 'rate',
            of: 'lmdeck tape, start + finish',
            to: 'node:sqlite, 100 rows per transaction',
            atLeast: 0.8,
          },
        ],
        concurrency: 1,
        rounds,
        sliceMs,
        trialRuns: 1000,
        maxRuns: 10_000,
      }),
      await rotate(bench, {
        title: 'Looking up a call by its request key, 20,000 calls on file',
        unit: 'lookup',
        measure: 'rate',
        reference: 'node:sqlite get',
        cases: [
          { name: 'node:sqlite get', client: 'node:sqlite', task: 'get' },
          { name: 'lmdeck tape.find', client: 'lmdeck tape', task: 'find' },
        ],
        goals: [
          {
            what: 'lmdeck ÷ node:sqlite get, lookups per second',
            measure: 'rate',
            of: 'lmdeck tape.find',
            to: 'node:sqlite get',
            atLeast: 0.8,
          },
        ],
        concurrency: 1,
        rounds,
        sliceMs,
        trialRuns: 1000,
      }),
      await rotate(bench, {
        title: 'Opening a file of 20,000 calls, one lookup, closing it',
        unit: 'open',
        measure: 'rate',
        reference: 'node:sqlite',
        cases: [
          { name: 'node:sqlite', client: 'node:sqlite', task: 'open' },
          { name: 'lmdeck', client: 'lmdeck tape', task: 'open' },
        ],
        goals: [],
        concurrency: 1,
        rounds,
        sliceMs: 100,
        trialRuns: 20,
      }),
    ];
  },
};
