import { jsonPath, type SchemaIssue, type SchemaProblem, type StandardSchemaLike } from '../schema/index.ts';

/** What a Standard Schema makes of a value, or what is wrong with it. */
export type Validated = { readonly value: unknown } | { readonly problems: readonly SchemaProblem[] };

/** Asks a Standard Schema that can validate. */
export async function validatedValue(schema: StandardSchemaLike, value: unknown): Promise<Validated> {
  const verdict = await schema['~standard'].validate?.(value);
  if (verdict === undefined) return { value };
  return verdict.issues === undefined ? { value: verdict.value } : { problems: verdict.issues.map(problem) };
}

function problem({ message, path = [] }: SchemaIssue): SchemaProblem {
  return { message, path: jsonPath(path.map((step) => (typeof step === 'object' ? step.key : step))) };
}

/** The problems in one line: `$.age: …; $.name: …`. */
export function problemText(problems: readonly SchemaProblem[]): string {
  return problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
}
