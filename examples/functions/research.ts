/**
 * The prompts of a loop that improves the settings of any task: generic in what a task takes (P), gives (R) and can be set (H). What goes in decides the type
 * of what comes out, for the compiler and for the model: `suggestNextStep` of a run with `{ topic }` and `{ style }` is asked for just those.
 */
import type { JsonObject } from 'lmdeck';
import { defineFunction, typeParameter } from 'lmdeck/functions';

export interface TaskRun<P, R, H> {
  taskParameters: P;
  hyperparameters: H;
  /** `null` when the task failed. */
  returnValue: R | null;
  exception: string | null;
}

export interface TaskReflection {
  feedback: string;
  evaluation: string;
  hyperparameterSuggestion: string;
  hyperparameterMissing: string;
}

export interface TaskInfo<P, H> {
  taskParameters: P;
  hyperparameters: H;
  reflection: TaskReflection;
}

export interface OptimizationInfo<P, H> {
  olderTaskSummary: string | null;
  taskInfos: TaskInfo<P, H>[];
  bestHyperparameters: H;
}

export interface OptimizationStep<P, H> {
  bestHyperparameters: H;
  suggestion: string;
  taskParametersSuggestions: P[];
  hyperparameterSuggestions: H[];
}

export interface ImprovementProbability {
  considerations: string[];
  probability: number;
}

const P = typeParameter('P');
const R = typeParameter('R');
const H = typeParameter('H');

function object(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties) };
}

function text(description: string): JsonObject {
  return { type: 'string', description };
}

function orNull(schema: JsonObject, description: string): JsonObject {
  return { anyOf: [schema, { type: 'null' }], description };
}

const TaskReflection = object({
  feedback: text('Look at the result alone: does it do what the task and its parameters ask for? What could be better?'),
  evaluation: text('Is the output satisfying, given the task? What is wrong, what is missing?'),
  hyperparameterSuggestion: text('How to change the hyperparameters for better results.'),
  hyperparameterMissing: text('What cannot be changed by hyperparameters yet, but should.'),
});

const OptimizationInfo = object({
  olderTaskSummary: orNull({ type: 'string' }, 'Earlier experiments in short, so that nothing is tried twice'),
  taskInfos: {
    type: 'array',
    description: 'The latest runs and what was learned from them',
    items: object({ taskParameters: P, hyperparameters: H, reflection: { $ref: '#/$defs/TaskReflection' } }),
  },
  bestHyperparameters: { ...H, description: 'The best so far' },
});

export const reflectOnTaskRun = defineFunction<
  <P, R, H>(taskRun: TaskRun<P, R, H>) => Promise<TaskReflection>,
  { taskRun: TaskRun<unknown, unknown, unknown> }
>({
  name: 'reflectOnTaskRun',
  description:
    'Reflect on the result of a task, given its parameters and hyperparameters: what does this run teach about better hyperparameters?',
  typeParameters: ['P', 'R', 'H'],
  parameters: [
    {
      name: 'taskRun',
      schema: object({
        taskParameters: P,
        hyperparameters: { ...H, description: 'What is to be optimised' },
        returnValue: orNull(R, 'null when the task failed'),
        exception: orNull({ type: 'string' }, 'What went wrong'),
      }),
    },
  ],
  output: TaskReflection,
});

export const suggestNextStep = defineFunction<
  <P, H>(optimizationInfo: OptimizationInfo<P, H>) => Promise<OptimizationStep<P, H>>,
  { optimizationInfo: OptimizationInfo<unknown, unknown> }
>({
  name: 'suggestNextStep',
  description: 'Suggest the next step of an optimisation.',
  typeParameters: ['P', 'H'],
  parameters: [{ name: 'optimizationInfo', schema: OptimizationInfo }],
  output: object({
    bestHyperparameters: { ...H, description: 'The best so far, given all that is known' },
    suggestion: text('What to try next, over several tasks and sets of hyperparameters. Step by step.'),
    taskParametersSuggestions: { type: 'array', items: P, description: 'Tasks to try next', hint_min_items: 1, hint_max_items: 4 },
    hyperparameterSuggestions: {
      type: 'array',
      items: H,
      description: 'Hyperparameters to try next',
      hint_min_items: 1,
      hint_max_items: 2,
    },
  }),
  definitions: { TaskReflection },
});

export const summarizeOptimizationInfo = defineFunction<
  <P, H>(optimizationInfo: OptimizationInfo<P, H>) => Promise<string>,
  { optimizationInfo: OptimizationInfo<unknown, unknown> }
>({
  name: 'summarizeOptimizationInfo',
  description: 'Summarise an optimisation. Keep all that helps to improve the hyperparameters later: everything else will be forgotten.',
  typeParameters: ['P', 'H'],
  parameters: [{ name: 'optimizationInfo', schema: OptimizationInfo }],
  output: { type: 'string' },
  definitions: { TaskReflection },
});

export const improvementProbability = defineFunction<
  <P, H>(optimizationInfo: OptimizationInfo<P, H>) => Promise<ImprovementProbability>,
  { optimizationInfo: OptimizationInfo<unknown, unknown> }
>({
  name: 'improvementProbability',
  description:
    'How likely is it that the next steps improve the hyperparameters, given what is known? 0: not at all; 1: for sure. Be concise.',
  typeParameters: ['P', 'H'],
  parameters: [{ name: 'optimizationInfo', schema: OptimizationInfo }],
  output: object({
    considerations: { type: 'array', items: { type: 'string' } },
    probability: { type: 'number', minimum: 0, maximum: 1 },
  }),
  definitions: { TaskReflection },
});
