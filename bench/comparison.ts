import { spread, type Spread } from './stats.ts';

/** One measured slice or process of one case. */
export interface Sample {
  /** How many requests, chunks, rows… it did. */
  readonly units: number;
  readonly wallMs: number;
  /** Until everything was printed; a process that prints nothing has its whole life here. Absent where it is not looked at. */
  readonly answerMs?: number;
  readonly cpuUs: number;
  readonly rssMb: number;
  /** Share of one core that the mock server took meanwhile; absent where there is none. */
  readonly serverLoad?: number;
}

/** `cpu`: microseconds per unit; `rate`: units per second; `wall`: milliseconds; `answer`: milliseconds until it was printed; `rss`: MB. */
export type Measure = 'cpu' | 'rate' | 'wall' | 'answer' | 'rss';

/** What must hold between two cases: `of` divided by `to`, or minus it. */
export interface Goal {
  readonly what: string;
  readonly measure: Measure;
  readonly of: string;
  readonly to: string;
  readonly difference?: true;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Cases that were run in rotation, and what is to be seen in them. */
export interface Comparison {
  readonly title: string;
  readonly unit: string;
  /** What the tables show as ratio, and to which case. */
  readonly measure: Measure;
  readonly reference: string;
  /** By case; one sample per round. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  readonly goals: readonly Goal[];
}

export interface GoalResult {
  readonly goal: Goal;
  readonly value: Spread;
  readonly met: boolean;
}

export function valueOf(sample: Sample, measure: Measure): number {
  switch (measure) {
    case 'cpu':
      return sample.cpuUs / sample.units;
    case 'rate':
      return (sample.units / sample.wallMs) * 1000;
    case 'wall':
      return sample.wallMs;
    case 'answer':
      return sample.answerMs ?? Number.NaN;
    case 'rss':
      return sample.rssMb;
    default:
      return Number.NaN;
  }
}

/** Round by round, so that what the machine does meanwhile falls on both sides; then the median. */
export function ratio(comparison: Comparison, goal: Pick<Goal, 'measure' | 'of' | 'to' | 'difference'>): Spread {
  const to = samplesOf(comparison, goal.to);
  const perRound = samplesOf(comparison, goal.of).map((sample, round) => {
    const other = to[round];
    if (other === undefined) return Number.NaN;
    const [a, b] = [valueOf(sample, goal.measure), valueOf(other, goal.measure)];
    return goal.difference ? a - b : a / b;
  });
  return spread(perRound);
}

export function judge(comparison: Comparison): GoalResult[] {
  return comparison.goals.map((goal) => {
    const value = ratio(comparison, goal);
    const met = value.median <= (goal.atMost ?? Infinity) && value.median >= (goal.atLeast ?? -Infinity);
    return { goal, value, met };
  });
}

export function samplesOf(comparison: Comparison, name: string): readonly Sample[] {
  const samples = comparison.samples.get(name);
  if (samples === undefined)
    throw new Error(`${comparison.title}: there is no case ${name}, only ${[...comparison.samples.keys()].join(', ')}.`);
  return samples;
}
