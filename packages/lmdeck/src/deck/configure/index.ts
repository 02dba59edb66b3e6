export { readDataFile, writeDataFile } from './data-file.ts';
export { loadModel, savedModel, saveDescription, saveModel } from './model-file.ts';
export { describeModel, modelTypes, type MakerContext, type ModelMaker, type ModelTypes, type ModelTypesOptions } from './model-types.ts';
export { parameters, setParameters, withoutSecrets, type ParameterInfo } from './parameters.ts';
