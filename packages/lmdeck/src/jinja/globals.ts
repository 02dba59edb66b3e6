import type { TemplateEnvironment } from './library.ts';

const globals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['none', null],
  ['True', true],
  ['False', false],
  ['None', null],
  ['range', range],
]);

/** The names that every template can use, but for those that are taken; `namespace` is in every environment. */
export function addGlobals(environment: TemplateEnvironment): void {
  for (const [name, value] of globals) if (!environment.variables.has(name)) environment.set(name, value);
}

function range(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw new RangeError('range() arg 3 must not be zero');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  return Array.from({ length }, (_, index) => start + index * step);
}
