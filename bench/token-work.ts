import { seeded } from './workload.ts';

/** Some million tokens: texts to be cut into windows, and questions with four choices each. */
export const windowLength = 2048;
export const tokensPerText = 20_000;
export const texts: readonly (readonly number[])[] = Array.from({ length: 50 }, (_, text) =>
  Array.from({ length: tokensPerText }, (__, i) => (text * 7919 + i * 31) % 50_000),
);

export interface TokenPair {
  readonly context: readonly number[];
  readonly continuation: readonly number[];
}

const random = seeded(3);

export const pairs: readonly TokenPair[] = Array.from({ length: 1250 }, (_, document) => {
  const length = 100 + Math.floor(random() * 190);
  const context = Array.from({ length }, (__, i) => (document * 104_729 + i * 17) % 50_000);
  return Array.from({ length: 4 }, (__, choice) => ({ context, continuation: [choice, 7, 11, choice + document] }));
}).flat();
