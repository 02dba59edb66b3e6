/**
 * `items` in the order in which their keys stand in `before`, as far as they do; new ones stay behind the one that they came after. So what
 * is recorded again keeps its place, also where calls run at the same time and start in another order each time.
 */
export function inOrderOf<T>(items: readonly T[], before: readonly string[], keyOf: (item: T) => string): T[] {
  const places = new Map<string, number[]>();
  for (const [place, key] of before.entries()) places.set(key, [...(places.get(key) ?? []), place]);
  const isNew: boolean[] = [];
  const placed: { readonly at: number; readonly place: number }[] = [];
  for (const [at, item] of items.entries()) {
    const place = places.get(keyOf(item))?.shift();
    isNew.push(place === undefined);
    if (place !== undefined) placed.push({ at, place });
  }
  const newsFrom = (start: number): readonly T[] => {
    let end = start;
    while (isNew[end] === true) end++;
    return items.slice(start, end);
  };
  return [
    ...newsFrom(0),
    ...placed.sort((a, b) => a.place - b.place).flatMap(({ at }) => [...items.slice(at, at + 1), ...newsFrom(at + 1)]),
  ];
}
