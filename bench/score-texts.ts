const countries = ['France', 'Italy', 'Spain', 'Japan', 'Norway', 'Austria', 'Poland', 'Egypt', 'Peru', 'Chile'];
const cities = ['Paris', 'Rome', 'Madrid', 'Tokyo', 'Oslo', 'Vienna', 'Warsaw', 'Cairo', 'Lima', 'Santiago'];
const sentencesOfLongContext = 25;

/** What a context begins with, for a model that was trained on texts that begin with it. */
const begin = '<|endoftext|>';

/** A short context with ten continuations, of which one is right. */
export function choices(index: number): { readonly context: string; readonly continuations: readonly string[] } {
  return {
    context: `${begin}${sentence(index)} The capital of ${countries[index % 10] ?? ''} is`,
    continuations: cities.map((city) => ` ${city}`),
  };
}

/** A context of some 250 tokens, another for every index, with one short continuation. */
export function answer(index: number): { readonly context: string; readonly continuations: readonly string[] } {
  return {
    context: `${longContext(index)} The capital of ${countries[index % 10] ?? ''} is`,
    continuations: [` ${cities[index % 10] ?? ''}`],
  };
}

/** A text of some 250 tokens, all of which are scored. */
export function wholeText(index: number): { readonly context: string; readonly continuations: readonly string[] } {
  return { context: begin, continuations: [longContext(index).slice(begin.length)] };
}

function longContext(index: number): string {
  return begin + Array.from({ length: sentencesOfLongContext }, (_, i) => sentence(index * 7 + i * (1 + (index % 3)))).join(' ');
}

function sentence(index: number): string {
  return `The capital of ${countries[index % 10] ?? ''} is ${cities[Math.floor(index / 10) % 10] ?? ''}.`;
}
