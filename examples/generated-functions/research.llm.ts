/** The prompts of a loop that improves the settings of any task, generic in what a task takes, gives and can be set. */

/** One run of the task: the data from which the hyperparameters are optimised. */
export interface TaskRun<Parameters, Result, Hyperparameters> {
  taskParameters: Parameters;
  /** What is to be optimised. */
  hyperparameters: Hyperparameters;
  /** null when the task failed. */
  returnValue: Result | null;
  /** What went wrong. */
  exception: string | null;
}

/** What a run teaches about better hyperparameters. */
export interface TaskReflection {
  /** Look at the result alone: does it do what the task and its parameters ask for? What could be better? */
  feedback: string;
  /** Is the output satisfying, given the task? What is wrong, what is missing? */
  evaluation: string;
  /** How to change the hyperparameters for better results. */
  hyperparameterSuggestion: string;
  /** What cannot be changed by hyperparameters yet, but should. */
  hyperparameterMissing: string;
}

export interface TaskInfo<Parameters, Hyperparameters> {
  taskParameters: Parameters;
  hyperparameters: Hyperparameters;
  reflection: TaskReflection;
}

/** What is known so far. */
export interface OptimizationInfo<Parameters, Hyperparameters> {
  /** Earlier experiments in short, so that nothing is tried twice. */
  olderTaskSummary: string | null;
  /** The latest runs and what was learned from them. */
  taskInfos: TaskInfo<Parameters, Hyperparameters>[];
  /** The best so far. */
  bestHyperparameters: Hyperparameters;
}

/** What to try next. */
export interface OptimizationStep<Parameters, Hyperparameters> {
  /** The best so far, given all that is known. */
  bestHyperparameters: Hyperparameters;
  /** What to try next, over several tasks and sets of hyperparameters. Step by step. */
  suggestion: string;
  /** Tasks to try next. @hintMinItems 1 @hintMaxItems 4 */
  taskParametersSuggestions: Parameters[];
  /** Hyperparameters to try next. @hintMinItems 1 @hintMaxItems 2 */
  hyperparameterSuggestions: Hyperparameters[];
}

export interface ImprovementProbability {
  /** What speaks for and against improvements. */
  considerations: string[];
  /** @minimum 0 @maximum 1 */
  probability: number;
}

/** Reflect on the result of a task, given its parameters and hyperparameters: what does this run teach about better hyperparameters? */
export declare function reflectOnTaskRun<P, R, H>(taskRun: TaskRun<P, R, H>): Promise<TaskReflection>;

/** Summarise an optimisation. Keep all that helps to improve the hyperparameters later: everything else will be forgotten. */
export declare function summarizeOptimizationInfo<P, H>(optimizationInfo: OptimizationInfo<P, H>): Promise<string>;

/** Suggest the next step of an optimisation. */
export declare function suggestNextStep<P, H>(optimizationInfo: OptimizationInfo<P, H>): Promise<OptimizationStep<P, H>>;

/**
 * How probable it is that the next steps still improve the hyperparameters. 0 when what is known is unlikely to lead anywhere, 1 when it is very likely to. Be
 * brief.
 */
export declare function improvementProbability<P, H>(optimizationInfo: OptimizationInfo<P, H>): Promise<ImprovementProbability>;
