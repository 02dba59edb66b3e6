/** A model's name as lm-evaluation-harness writes it into paths: each run of characters that file names cannot have becomes `__`. */
export function sanitizeModelName(name: string): string {
  return name.replaceAll(/["<>:/|\\?*[\]]+/g, '__');
}
