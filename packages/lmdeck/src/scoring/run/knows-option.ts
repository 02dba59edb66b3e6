import type { LanguageModel } from '../../core/index.ts';

/** True for an option that the model takes; one that does not say takes any. */
export function knowsOption({ options }: LanguageModel, name: string): boolean {
  return options === undefined || Object.hasOwn(options.properties, name);
}
