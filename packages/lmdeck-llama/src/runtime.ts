/** What is needed only once a model is used; imported then. */
export { generate } from './generate.ts';
export { loadModel } from './loaded-model.ts';
