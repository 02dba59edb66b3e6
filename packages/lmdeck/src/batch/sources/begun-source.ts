import { START, type RowSource, type SourceRow } from './row-source.ts';

/** A source that can be read only once, its first rows read already; `undefined` when it has none. */
export async function begunSource(source: RowSource): Promise<RowSource | undefined> {
  const groups = source.read(START)[Symbol.asyncIterator]();
  const first = await groups.next();
  if (first.done === true) return undefined;
  return {
    name: source.name,
    places: source.places,
    async *read(_from, wanted): AsyncGenerator<readonly SourceRow[], undefined> {
      try {
        for (let group: IteratorResult<readonly SourceRow[]> = first; group.done !== true; group = await groups.next())
          yield wanted === undefined ? group.value : group.value.filter(({ index }) => wanted(index));
      } finally {
        await groups.return?.();
      }
      return undefined;
    },
  };
}
