// Made by `lmdeck functions generate` from research.llm.ts: change that, and generate again.
// Sources: research.llm.ts (sha256 dbe25f448988df3d3cdccaf47b073e87ea9fff91b580766b36baae96275ebb37)

import { defineFunction } from 'lmdeck/functions';
import type * as declared from './research.llm.ts';

export type * from './research.llm.ts';

const types = {
  ImprovementProbability: {
    type: 'object',
    properties: {
      considerations: {
        type: 'array',
        items: { type: 'string' },
        description: 'What speaks for and against improvements.',
      },
      probability: { type: 'number', minimum: 0, maximum: 1 },
    },
    required: ['considerations', 'probability'],
    additionalProperties: false,
  },
  OptimizationInfo_P_H: {
    type: 'object',
    properties: {
      olderTaskSummary: {
        type: ['string', 'null'],
        description: 'Earlier experiments in short, so that nothing is tried twice.',
      },
      taskInfos: {
        type: 'array',
        items: { $ref: '#/$defs/TaskInfo_P_H' },
        description: 'The latest runs and what was learned from them.',
      },
      bestHyperparameters: { 'x-type-parameter': 'H', description: 'The best so far.' },
    },
    required: ['olderTaskSummary', 'taskInfos', 'bestHyperparameters'],
    additionalProperties: false,
    description: 'What is known so far.',
  },
  OptimizationStep_P_H: {
    type: 'object',
    properties: {
      bestHyperparameters: { 'x-type-parameter': 'H', description: 'The best so far, given all that is known.' },
      suggestion: {
        type: 'string',
        description: 'What to try next, over several tasks and sets of hyperparameters. Step by step.',
      },
      taskParametersSuggestions: {
        type: 'array',
        items: { 'x-type-parameter': 'P' },
        description: 'Tasks to try next.',
        hint_min_items: 1,
        hint_max_items: 4,
      },
      hyperparameterSuggestions: {
        type: 'array',
        items: { 'x-type-parameter': 'H' },
        description: 'Hyperparameters to try next.',
        hint_min_items: 1,
        hint_max_items: 2,
      },
    },
    required: ['bestHyperparameters', 'suggestion', 'taskParametersSuggestions', 'hyperparameterSuggestions'],
    additionalProperties: false,
    description: 'What to try next.',
  },
  TaskInfo_P_H: {
    type: 'object',
    properties: {
      taskParameters: { 'x-type-parameter': 'P' },
      hyperparameters: { 'x-type-parameter': 'H' },
      reflection: { $ref: '#/$defs/TaskReflection' },
    },
    required: ['taskParameters', 'hyperparameters', 'reflection'],
    additionalProperties: false,
  },
  TaskReflection: {
    type: 'object',
    properties: {
      feedback: {
        type: 'string',
        description: 'Look at the result alone: does it do what the task and its parameters ask for? What could be better?',
      },
      evaluation: {
        type: 'string',
        description: 'Is the output satisfying, given the task? What is wrong, what is missing?',
      },
      hyperparameterSuggestion: {
        type: 'string',
        description: 'How to change the hyperparameters for better results.',
      },
      hyperparameterMissing: {
        type: 'string',
        description: 'What cannot be changed by hyperparameters yet, but should.',
      },
    },
    required: ['feedback', 'evaluation', 'hyperparameterSuggestion', 'hyperparameterMissing'],
    additionalProperties: false,
    description: 'What a run teaches about better hyperparameters.',
  },
  TaskRun_P_R_H: {
    type: 'object',
    properties: {
      taskParameters: { 'x-type-parameter': 'P' },
      hyperparameters: { 'x-type-parameter': 'H', description: 'What is to be optimised.' },
      returnValue: {
        anyOf: [{ 'x-type-parameter': 'R' }, { type: 'null' }],
        description: 'null when the task failed.',
      },
      exception: { type: ['string', 'null'], description: 'What went wrong.' },
    },
    required: ['taskParameters', 'hyperparameters', 'returnValue', 'exception'],
    additionalProperties: false,
    description: 'One run of the task: the data from which the hyperparameters are optimised.',
  },
};

/** Reflect on the result of a task, given its parameters and hyperparameters: what does this run teach about better hyperparameters? */
export const reflectOnTaskRun = defineFunction<
  typeof declared.reflectOnTaskRun,
  {
    taskRun: Parameters<typeof declared.reflectOnTaskRun>[0];
  }
>({
  name: 'reflectOnTaskRun',
  description:
    'Reflect on the result of a task, given its parameters and hyperparameters: what does this run teach about better hyperparameters?',
  typeParameters: ['P', 'R', 'H'],
  parameters: [{ name: 'taskRun', schema: { $ref: '#/$defs/TaskRun_P_R_H' } }],
  output: { $ref: '#/$defs/TaskReflection' },
  definitions: types,
});

/** Summarise an optimisation. Keep all that helps to improve the hyperparameters later: everything else will be forgotten. */
export const summarizeOptimizationInfo = defineFunction<
  typeof declared.summarizeOptimizationInfo,
  {
    optimizationInfo: Parameters<typeof declared.summarizeOptimizationInfo>[0];
  }
>({
  name: 'summarizeOptimizationInfo',
  description: 'Summarise an optimisation. Keep all that helps to improve the hyperparameters later: everything else will be forgotten.',
  typeParameters: ['P', 'H'],
  parameters: [{ name: 'optimizationInfo', schema: { $ref: '#/$defs/OptimizationInfo_P_H' } }],
  output: { type: 'string' },
  definitions: {
    OptimizationInfo_P_H: types.OptimizationInfo_P_H,
    TaskInfo_P_H: types.TaskInfo_P_H,
    TaskReflection: types.TaskReflection,
  },
});

/** Suggest the next step of an optimisation. */
export const suggestNextStep = defineFunction<
  typeof declared.suggestNextStep,
  {
    optimizationInfo: Parameters<typeof declared.suggestNextStep>[0];
  }
>({
  name: 'suggestNextStep',
  description: 'Suggest the next step of an optimisation.',
  typeParameters: ['P', 'H'],
  parameters: [{ name: 'optimizationInfo', schema: { $ref: '#/$defs/OptimizationInfo_P_H' } }],
  output: { $ref: '#/$defs/OptimizationStep_P_H' },
  definitions: {
    OptimizationInfo_P_H: types.OptimizationInfo_P_H,
    OptimizationStep_P_H: types.OptimizationStep_P_H,
    TaskInfo_P_H: types.TaskInfo_P_H,
    TaskReflection: types.TaskReflection,
  },
});

/**
 * How probable it is that the next steps still improve the hyperparameters. 0 when what is known is unlikely to lead anywhere, 1 when it is very likely to. Be
 * brief.
 */
export const improvementProbability = defineFunction<
  typeof declared.improvementProbability,
  {
    optimizationInfo: Parameters<typeof declared.improvementProbability>[0];
  }
>({
  name: 'improvementProbability',
  description:
    'How probable it is that the next steps still improve the hyperparameters. 0 when what is known is unlikely to lead anywhere, 1 when it is very likely to. Be\nbrief.',
  typeParameters: ['P', 'H'],
  parameters: [{ name: 'optimizationInfo', schema: { $ref: '#/$defs/OptimizationInfo_P_H' } }],
  output: { $ref: '#/$defs/ImprovementProbability' },
  definitions: {
    ImprovementProbability: types.ImprovementProbability,
    OptimizationInfo_P_H: types.OptimizationInfo_P_H,
    TaskInfo_P_H: types.TaskInfo_P_H,
    TaskReflection: types.TaskReflection,
  },
});
