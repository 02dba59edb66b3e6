import { cpus } from 'node:os';
import { judge, ratio, samplesOf, valueOf, type Comparison, type Goal, type GoalResult, type Measure, type Sample } from './comparison.ts';
import { figure, spread, spreadText } from './stats.ts';

/** A row's comparisons, as they were measured. */
export interface RowResult {
  readonly row: string;
  readonly comparisons: readonly Comparison[];
}

const measureNames: Readonly<Record<Measure, string>> = { cpu: 'CPU', rate: 'rate', wall: 'wall', answer: 'answer', rss: 'RSS' };

/** The tables of one comparison, as Markdown. */
export function comparisonText(comparison: Comparison): string {
  const { title, unit, measure, reference } = comparison;
  const names = [...comparison.samples.keys()];
  const head = [
    'case',
    ...figureHeads(measure, unit),
    `${measureNames[measure]} ÷ ${reference}`,
    ...(measure === 'answer' ? [`wall ÷ ${reference}`] : []),
    'RSS MB',
    'server load',
  ];
  const lines = names.map((name) => {
    const samples = samplesOf(comparison, name);
    const middle = (measure: Measure): string => figure(spread(samples.map((sample) => valueOf(sample, measure))).median);
    return [
      name,
      ...figures(measure).map(middle),
      spreadText(ratio(comparison, { measure, of: name, to: reference })),
      ...(measure === 'answer' ? [spreadText(ratio(comparison, { measure: 'wall', of: name, to: reference }))] : []),
      middle('rss'),
      loadText(samples),
    ];
  });
  const goals = judge(comparison);
  const goalText = goals.length === 0 ? '' : `\n${table(['goal', 'asked', 'measured', 'met'], goals.map(goalCells))}`;
  return `### ${title}\n\n${table(head, lines)}${goalText}`;
}

/** The absolute figures beside a ratio. */
function figures(measure: Measure): readonly Measure[] {
  if (measure === 'answer') return ['answer', 'wall'];
  return measure === 'wall' || measure === 'rss' ? ['wall'] : ['rate', 'cpu'];
}

function figureHeads(measure: Measure, unit: string): readonly string[] {
  const heads: Readonly<Partial<Record<Measure, string>>> = {
    answer: 'answer ms',
    wall: 'wall ms',
    rate: `${unit}/s`,
    cpu: `CPU µs/${unit}`,
  };
  return figures(measure).map((each) => heads[each] ?? each);
}

/** Every goal of the run in one table. */
export function summaryText(results: readonly RowResult[]): string {
  const lines = results.flatMap(({ row, comparisons }) =>
    comparisons.flatMap((comparison) => judge(comparison).map((result) => [row, comparison.title, ...goalCells(result)])),
  );
  if (lines.length === 0) return '';
  return `## Summary\n\n${table(['row', 'comparison', 'goal', 'asked', 'measured', 'met'], lines)}`;
}

/** Everything as plain data, for `--json`. */
export function resultsJson(results: readonly RowResult[], quick: boolean): object {
  return {
    measuredAt: new Date().toISOString(),
    ...machine(),
    quick,
    rows: results.map(({ row, comparisons }) => ({
      row,
      comparisons: comparisons.map((comparison) => ({
        title: comparison.title,
        unit: comparison.unit,
        cases: Object.fromEntries(comparison.samples),
        goals: judge(comparison).map(({ goal, value, met }) => ({ ...goal, ...value, met })),
      })),
    })),
  };
}

export function machineText(): string {
  const { node, cpu, cores } = machine();
  return `Node ${node}, ${cores} × ${cpu}`;
}

function machine(): { readonly node: string; readonly cpu: string; readonly cores: number } {
  const all = cpus();
  return { node: process.versions.node, cpu: all[0]?.model ?? 'unknown processor', cores: all.length };
}

function goalCells({ goal, value, met }: GoalResult): string[] {
  return [goal.what, limitText(goal), spreadText(value), met ? 'yes' : '**no**'];
}

function limitText({ atMost, atLeast, difference, measure }: Goal): string {
  const unit = difference === true && measure === 'rss' ? ' MB' : difference === true ? ' ms' : ' ×';
  return atMost === undefined ? `≥ ${atLeast}${unit}` : `≤ ${atMost}${unit}`;
}

/** The mock server should stay well below one core, else it is the server that is measured. */
function loadText(samples: readonly Sample[]): string {
  const loads = samples.map((sample) => sample.serverLoad ?? Number.NaN).filter(Number.isFinite);
  return loads.length === 0 ? '–' : figure(spread(loads).median);
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
