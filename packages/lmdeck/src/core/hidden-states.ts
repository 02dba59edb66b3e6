import type { TokenIds } from './tokenizer.ts';

/** The output of a model's last layer, one vector per token. */
export interface HiddenStates {
  /** Row by row: the vector of token `i` is `data.subarray(i * size, (i + 1) * size)`. */
  readonly data: Float32Array;
  readonly shape: readonly [tokens: number, size: number];
  readonly tokenIds?: TokenIds;
}
