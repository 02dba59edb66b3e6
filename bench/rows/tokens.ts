import { join } from 'node:path';
import { turnCount } from '../chat-templates.ts';
import type { Comparison } from '../comparison.ts';
import { rotateProcesses, type Start } from '../process-rotation.ts';
import { rotate } from '../rotation.ts';
import type { Bench, Row } from '../row.ts';
import { shortMessageCount } from '../token-texts.ts';

const peer = 'gpt-tokenizer';
const script = (name: string): string => join(import.meta.dirname, '../startup', `${name}.js`);

export const tokensRow: Row = {
  name: 'tokens',
  summary: 'o200k tokens counted and made, its vocabulary loaded, chat templates rendered',
  run: async (bench) => [
    await loading(bench),
    await counting(bench, { title: 'Tokens of 1 MB counted', task: 'count long', unit: 'MB', unitsPerRun: 1, atLeast: 2.5 }),
    await counting(bench, {
      title: 'Tokens of short messages counted',
      task: 'count short',
      unit: 'message',
      unitsPerRun: shortMessageCount,
      atLeast: 3,
    }),
    await counting(bench, { title: 'Tokens of 1 MB made', task: 'encode long', unit: 'MB', unitsPerRun: 1 }),
    await rendering(bench, 'chatml', 'ChatML'),
    await rendering(bench, 'tools', 'a template with tools'),
  ],
};

interface Counting {
  readonly title: string;
  readonly task: string;
  readonly unit: string;
  readonly unitsPerRun: number;
  /** Goal: so many times less CPU than gpt-tokenizer. */
  readonly atLeast?: number;
}

function counting(bench: Bench, { title, task, unit, unitsPerRun, atLeast }: Counting): Promise<Comparison> {
  return rotate(bench, {
    title,
    unit,
    measure: 'cpu',
    reference: peer,
    cases: [
      { name: peer, client: peer, task, unitsPerRun },
      { name: 'lmdeck', client: 'lmdeck tokens', task, unitsPerRun },
    ],
    goals: atLeast === undefined ? [] : [{ what: `${peer} ÷ lmdeck, CPU per ${unit}`, measure: 'cpu', of: peer, to: 'lmdeck', atLeast }],
    ...slices(bench),
  });
}

function rendering(bench: Bench, argument: string, called: string): Promise<Comparison> {
  const raw = '@huggingface/jinja, raw';
  return rotate(bench, {
    title: `A history of ${turnCount} messages rendered by ${called}`,
    unit: 'message',
    measure: 'cpu',
    reference: raw,
    cases: [
      { name: raw, client: 'jinja', task: 'render', argument, unitsPerRun: turnCount },
      { name: 'lmdeck', client: 'lmdeck tokens', task: 'render', argument, unitsPerRun: turnCount },
    ],
    goals: [],
    ...slices(bench),
  });
}

function slices({ quick }: Bench) {
  return { concurrency: 1, rounds: quick ? 5 : 11, sliceMs: quick ? 150 : 300, trialRuns: 2 };
}

function loading(bench: Bench): Promise<Comparison> {
  const floor = 'empty module';
  const starts: readonly Start[] = [
    { name: floor, args: [script('nothing')], printsRss: true },
    { name: peer, args: [script('count-gpt-tokenizer')], printsRss: true },
    { name: 'lmdeck, from the ranks', args: [script('count-lmdeck')], printsRss: true },
    { name: 'lmdeck, from its cache', args: [script('count-lmdeck'), bench.newFolder()], printsRss: true },
  ];
  return rotateProcesses(bench, {
    title: 'A process that loads o200k_base and counts one sentence',
    measure: 'wall',
    reference: floor,
    starts,
    goals: [],
  });
}
