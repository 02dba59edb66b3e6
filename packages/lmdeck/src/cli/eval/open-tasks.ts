import { openTask, type EvaluationGroup, type EvaluationTask, type TaskConfig, type TaskGroup } from '../../scoring/index.ts';

/** How tasks differ from what their files say. */
export interface TaskChanges {
  readonly folders: Readonly<Record<string, string>>;
  /** Not for tasks that set their number of examples to 0 themselves. */
  readonly numFewshot?: number | undefined;
  /** Answers are kept, and nothing is computed from them. */
  readonly predictOnly?: boolean | undefined;
}

/** Tasks that are ready to run, and the groups they are reported in. */
export interface OpenedTasks {
  readonly members: readonly (EvaluationTask | EvaluationGroup)[];
  /** Every task once. */
  readonly tasks: readonly EvaluationTask[];
}

/** Opens the tasks of groups and the tasks beside them. @throws LmdeckError `config` for what is wrong in a file, its functions or its data. */
export async function openTasks(members: readonly (TaskConfig | TaskGroup)[], changes: TaskChanges): Promise<OpenedTasks> {
  const opened = new Map<string, EvaluationTask>();
  const open = async (member: TaskConfig | TaskGroup): Promise<EvaluationTask | EvaluationGroup> => {
    if ('members' in member) {
      const { name, alias, version, metrics } = member;
      const inside: (EvaluationTask | EvaluationGroup)[] = [];
      for (const each of member.members) inside.push(await open(each));
      return { name, alias, version, metrics, members: inside };
    }
    const known = opened.get(member.task);
    if (known !== undefined) return known;
    const task = await openTask(changed(member, changes), { folders: changes.folders });
    opened.set(member.task, task);
    return task;
  };
  const all: (EvaluationTask | EvaluationGroup)[] = [];
  for (const member of members) all.push(await open(member));
  return { members: all, tasks: [...opened.values()] };
}

function changed(config: TaskConfig, { numFewshot, predictOnly }: TaskChanges): TaskConfig {
  const shots = numFewshot === undefined || config.numFewshot === 0 ? config.numFewshot : numFewshot;
  const fields = shots === undefined ? config.fields : { ...config.fields, num_fewshot: shots };
  const base = { ...config, numFewshot: shots, fields };
  if (predictOnly !== true) return base;
  const bypass = { metric: 'bypass', aggregation: 'bypass', higherIsBetter: undefined, options: {} };
  return { ...base, metrics: [bypass], processResults: undefined };
}
