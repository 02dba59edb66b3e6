/** What is needed only once a model is used; imported then. */
export { generate } from './generate.ts';
export { hiddenStates } from './hidden-states.ts';
export { loadModel } from './loaded-model.ts';
export { scoreBatch } from './score/score-batch.ts';
export { llamaTokenizer } from './tokenizer.ts';
