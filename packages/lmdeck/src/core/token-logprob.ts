/** The log-probability (nats) of one token, with the alternatives that the provider listed. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  /** The token's UTF-8 bytes, where the provider gives them (a token can be part of a character). */
  readonly bytes?: readonly number[];
  readonly tokenId?: number;
  /** True when no token was likelier in this place; absent when it is not known. */
  readonly isGreedy?: boolean;
  readonly top?: readonly { readonly token: string; readonly logprob: number; readonly bytes?: readonly number[] }[];
}
