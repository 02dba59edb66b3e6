import { canonicalJson, type JsonSchema } from '../core/index.ts';
import { FunctionPlan } from './function-plan.ts';
import type { FunctionSource } from './function-source.ts';
import { instantiated, resolvedTypes } from './type-parameters.ts';

/** More different types than this in one program are not kept. */
const MOST_KEPT = 100;

/** The plan for each call of a function: one, or for a generic function one by what its type parameters stand for. */
export class FunctionPlans {
  readonly #source: FunctionSource;
  readonly #types: Readonly<Record<string, JsonSchema>>;
  readonly #plans = new Map<string, Promise<FunctionPlan>>();

  constructor(source: FunctionSource, types: Readonly<Record<string, JsonSchema>>) {
    this.#source = source;
    this.#types = types;
  }

  async for(input: unknown): Promise<FunctionPlan> {
    const { definition } = this.#source;
    if (definition.typeParameters === undefined || definition.typeParameters.length === 0) return this.#plan('', () => this.#source);
    const types = resolvedTypes(definition, input, this.#types);
    return this.#plan(canonicalJson(types), () => ({ ...this.#source, definition: instantiated(definition, types) }));
  }

  #plan(key: string, source: () => FunctionSource): Promise<FunctionPlan> {
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      if (this.#plans.size >= MOST_KEPT) this.#plans.clear();
      this.#plans.set(key, (plan = FunctionPlan.of(source())));
    }
    return plan;
  }
}
