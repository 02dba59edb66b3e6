/** What a function makes of a row: one row, several, or none; now or later. Rows are no arrays themselves. */
export type Rows<Out> = MaybeRows<Out> | Promise<MaybeRows<Out>>;

type MaybeRows<Out> = Out | readonly Out[] | undefined;

/** The rows in what a function made. */
export async function rowsOf<Out>(made: Rows<Out>): Promise<readonly Out[]> {
  const rows = await made;
  if (rows === undefined) return [];
  return isList(rows) ? rows : [rows];
}

function isList<Out>(rows: Out | readonly Out[]): rows is readonly Out[] {
  return Array.isArray(rows);
}
