import type { JsonSchema } from '../core/index.ts';
import type { StandardSchemaLike } from '../schema/index.ts';
import type { FunctionDefinition, FunctionParameter } from './function-definition.ts';

/** A class or interface whose abstract members a model carries out: what `lmdeck functions generate` writes, or a person. */
export interface ClassManifest {
  readonly name: string;
  readonly description?: string;
  /** What the model is shown of `this`: fields and implemented getters, by name. Not for static members. */
  readonly fields: readonly FunctionParameter[];
  /** The members without an implementation. They return promises. */
  readonly members: readonly MemberManifest[];
  /** Named types that fields and all members refer to as `{ $ref: '#/$defs/NAME' }`; those of a member's own definition come on top. */
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

export interface MemberManifest {
  readonly kind: 'method' | 'getter' | 'static';
  /** `definition.name` is the member's name. A getter has no parameters. */
  readonly definition: FunctionDefinition;
  /** The schema of the result as a person has it, which also transforms. Not in generated manifests, which are plain data. */
  readonly output?: StandardSchemaLike;
}
