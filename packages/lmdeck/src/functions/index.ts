export type { FunctionDefinition, FunctionExample, FunctionParameter } from './function-definition.ts';
