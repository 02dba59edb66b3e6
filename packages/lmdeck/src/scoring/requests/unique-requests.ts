import { LmdeckError } from '../../core/index.ts';

/** Requests without repetition. */
export interface UniqueRequests<T> {
  /** The first of each kind, in order. */
  readonly unique: readonly T[];
  /** For every request of the input the place of its kind in `unique`. */
  readonly places: Uint32Array;
  /**
   * The results of `unique` for every request of the input.
   *
   * @throws LmdeckError `internal` unless there is exactly one for each.
   */
  spread<R>(results: readonly R[]): R[];
}

/** Finds requests that are asked more than once; `key` says which are the same. Only for requests whose answer is not sampled. */
export function uniqueRequests<T>(requests: readonly T[], key: (request: T) => string): UniqueRequests<T> {
  const seen = new Map<string, number>();
  const unique: T[] = [];
  const places = new Uint32Array(requests.length);
  for (const [index, request] of requests.entries()) {
    const name = key(request);
    let place = seen.get(name);
    if (place === undefined) {
      place = unique.length;
      seen.set(name, place);
      unique.push(request);
    }
    places[index] = place;
  }
  return {
    unique,
    places,
    spread: (results) => {
      if (results.length !== unique.length)
        throw new LmdeckError(
          'internal',
          `uniqueRequests: ${results.length} results for ${unique.length} requests; there must be one for each.`,
        );
      return Array.from(places).flatMap((place) => results.slice(place, place + 1));
    },
  };
}
