import type { EvaluationProgress, EvaluationTask } from '../../scoring/index.ts';
import type { EvalSettings } from './run-record.ts';
import type { CliIo } from '../io/cli-io.ts';
import { durationText } from '../io/duration-text.ts';
import { counted, plural, progressLine, type Progress } from '../io/progress.ts';

/** A task and how many of its documents are asked about. */
export interface PlannedTask {
  readonly task: EvaluationTask;
  readonly documents: number;
}

/** How many documents of a task the settings leave. */
export function wantedDocuments(task: string, all: number, { limit, samples }: Pick<EvalSettings, 'limit' | 'samples'>): number {
  const chosen = samples?.[task];
  if (chosen !== undefined) return new Set(chosen).size;
  if (limit === undefined) return all;
  return Math.min(all, limit < 1 ? Math.ceil(all * limit) : limit);
}

/** Tells how far a run has come: documents, requests per second, cost, time left. */
export class EvalProgress {
  readonly line: Progress;
  readonly #io: CliIo;
  readonly #planned: readonly PlannedTask[];
  readonly #total: number;
  readonly #start = performance.now();
  #done = 0;

  constructor(io: CliIo, planned: readonly PlannedTask[]) {
    this.line = progressLine(io);
    this.#io = io;
    this.#planned = planned;
    this.#total = planned.reduce((sum, each) => sum + each.documents, 0);
  }

  update(state: EvaluationProgress): void {
    this.#done++;
    if (this.#io.stderr.isTTY === true) this.line.show(clipped(this.#text(state), this.#io.columns || 80));
  }

  #text({ task, documents, failed, requests, costMicros }: EvaluationProgress): string {
    const seconds = (performance.now() - this.#start) / 1000;
    const wanted = this.#planned.find((each) => each.task.name === task)?.documents ?? documents;
    const left = ((this.#total - this.#done) * seconds) / this.#done;
    const rate = requests / Math.max(seconds, 0.001);
    return [
      `${task}: ${counted(documents)} of ${plural(wanted, 'document')}`,
      `${rate < 10 ? rate.toFixed(1) : counted(Math.round(rate))} requests/s`,
      ...(failed === 0 ? [] : [`${counted(failed)} failed`]),
      ...(costMicros === undefined ? [] : [`$${(costMicros / 1e6).toFixed(4)}`]),
      `${durationText(left)} left`,
    ].join(' · ');
  }
}

/** A line that wraps could not be taken off again. */
function clipped(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
}
