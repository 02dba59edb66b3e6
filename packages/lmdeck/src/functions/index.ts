export type { ClassManifest, MemberManifest } from './class-manifest.ts';
export type { DeepPartial } from './deep-partial.ts';
export type { Explanation } from './explanation.ts';
export type { FunctionDefinition, FunctionExample, FunctionParameter } from './function-definition.ts';
export type { FunctionOptions, FunctionTool } from './function-options.ts';
export type { FunctionOutcome, FunctionResult, FunctionTrace } from './function-outcome.ts';
export type { FunctionStream } from './function-stream.ts';
export type { AbstractClass, DataOf, ImplementedClass } from './implemented-class.ts';
export type { AnyFunction, AsyncFunction, BoundFunction, BoundMembers, TypedFunction } from './typed-function.ts';
