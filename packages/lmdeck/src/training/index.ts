export { codePoints } from './code-points.ts';
export { labelledTokens, MASKED, type LabelledTokens } from './predicted-tokens.ts';
export { promptGroup } from './prompt-group.ts';
export type { AnswerSelection } from './select-answers.ts';
export type { TrainingExample } from './training-example.ts';
export {
  openaiFormat,
  preferenceFormat,
  promptCompletionFormat,
  sftFormat,
  trainingTextFormat,
  type PreferenceFormatOptions,
  type TrainingFormatOptions,
  type TrainingTextFormatOptions,
} from './training-formats.ts';
export { scoreOf, trainingRecord, trainingSample, type TrainingSample, type TrainingSampleOptions } from './training-sample.ts';
export { trainingText, type TrainingText, type TrainingTextOptions } from './training-text.ts';
