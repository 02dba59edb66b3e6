import { pythonStr, type PythonValue } from '../../python/index.ts';
import type { EvaluationResult, MetricResult } from '../run/evaluation-result.ts';
import type { StoredResults } from './stored-results.ts';

type Row = readonly [
  name: string,
  version: string,
  filter: string,
  shots: string,
  metric: string,
  arrow: string,
  value: string,
  sign: string,
  error: string,
];

const HEAD: Row = ['Tasks', 'Version', 'Filter', 'n-shot', 'Metric', '', 'Value', '', 'Stderr'];
const RIGHT: readonly boolean[] = [false, true, false, true, false, false, true, false, true];

/** A task or group with what the tables say of it. */
interface Entry {
  readonly name: string;
  readonly alias: string | undefined;
  readonly version: PythonValue;
  readonly shots: string;
  readonly metrics: readonly Metric[];
}

type Metric = Omit<MetricResult, 'size'>;

/** The tables of an evaluation in Markdown: tasks, then groups if any has metrics. */
export function resultsTable({ tasks, groups }: Pick<EvaluationResult, 'tasks' | 'groups'>): string {
  return tables(
    tasks.map(({ task: { name, alias, version, numFewshot }, metrics }) => ({ name, alias, version, shots: String(numFewshot), metrics })),
    groups.map(({ name, alias, version, metrics, numFewshot }) => ({ name, alias, version, shots: String(numFewshot ?? ''), metrics })),
    groups,
  );
}

/** The same tables of results that were read from a file. */
export function storedTable({ tasks, groups }: Pick<StoredResults, 'tasks' | 'groups'>): string {
  return tables(tasks, groups, groups);
}

function tables(
  tasks: readonly Entry[],
  groups: readonly Entry[],
  nesting: readonly { readonly name: string; readonly members: readonly string[] }[],
): string {
  const depths = new Map<string, number>();
  for (const group of nesting) for (const member of group.members) depths.set(member, (depths.get(group.name) ?? 0) + 1);
  const lines = (entries: readonly Entry[]) =>
    entries.flatMap(({ name, alias = name, version, shots, metrics }) => {
      const depth = depths.get(name) ?? 0;
      return rows(depth === 0 ? alias : `${' '.repeat(depth)}- ${alias}`, version, shots, metrics);
    });
  const ofGroups = lines(groups);
  return markdown(HEAD, lines(tasks)) + (ofGroups.length === 0 ? '' : `\n${markdown(['Groups', ...HEAD.slice(1)], ofGroups)}`);
}

function rows(name: string, version: PythonValue, shots: string, metrics: readonly Metric[]): readonly (readonly string[])[] {
  const sorted = metrics.toSorted((a, b) => compare(`${a.metric},${a.filter}`, `${b.metric},${b.filter}`));
  return sorted.map(({ metric, filter, value, standardError, higherIsBetter }, i) => [
    i === 0 ? name : '',
    i === 0 ? (version === null || version === undefined ? 'N/A' : pythonStr(version)) : '',
    filter,
    shots,
    metric,
    higherIsBetter ? '↑' : '↓',
    value.toFixed(4),
    '±',
    standardError === undefined ? 'N/A' : standardError.toFixed(4),
  ]);
}

function markdown(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(3, title.length, ...body.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell, i) => (RIGHT[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('|')}|\n`;
  const titles = head.map((title, i) => centered(title, widths[i] ?? 0));
  const rule = widths.map((width, i) => (RIGHT[i] === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return line(titles) + line(rule) + body.map(line).join('');
}

/** As Python's format does it: what cannot be halved stands behind. */
function centered(text: string, width: number): string {
  return text.padStart(text.length + Math.floor((width - text.length) / 2)).padEnd(width);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
