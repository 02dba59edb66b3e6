import type { Deck } from '../../deck/index.ts';
import type { EvaluateOptions } from '../../scoring/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import type { PlannedTask } from './eval-progress.ts';
import type { EvalRuns } from './eval-runs.ts';
import type { ModelArgs } from './model-args.ts';
import type { OpenedTasks } from './open-tasks.ts';
import type { EvalRecord } from './run-record.ts';

/** Everything that one run works with. */
export interface Session {
  readonly io: CliIo;
  readonly options: ParsedOptions;
  readonly args: ModelArgs;
  readonly limits: Pick<EvaluateOptions, 'concurrency' | 'maxFailures'> & { readonly bootstrapIterations: number };
  readonly deck: Deck;
  readonly tape: Tape;
  readonly runs: EvalRuns;
  readonly record: EvalRecord;
  readonly opened: OpenedTasks;
  readonly planned: readonly PlannedTask[];
}
