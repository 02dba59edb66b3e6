import {
  dictEntries,
  isPlainDict,
  isPythonList,
  orderedDict,
  PythonFloat,
  pythonFloat,
  pythonStr,
  type PythonValue,
} from '../python/index.ts';
import type { Doc } from './dataset.ts';

/** What is known of the values in one place of all rows. */
interface Column {
  /** A number here has a fraction: then all of them are floats. */
  hasFloats: boolean;
  readonly members: Map<string, Column>;
  items: Column | undefined;
}

/**
 * The columns of JSON rows, as the usual loaders put them into a table: what a row does not have is `null` there, and a column that has floats
 * has no whole numbers. Prompts and hashes come out of rows that look so. Unlike in a table, objects inside of rows keep the members that they
 * have: options from A to D do not get an E because another row has one.
 */
export class JsonColumns {
  readonly #row = newColumn();

  learn(row: Doc): void {
    learn(this.#row, row);
  }

  /** The row with all columns, in the order in which they were first seen. */
  completed(row: Doc): Doc {
    const all: Record<string, PythonValue> = {};
    for (const [name, column] of this.#row.members) all[name] = completed(column, row[name] ?? null);
    return all;
  }
}

function newColumn(): Column {
  return { hasFloats: false, members: new Map(), items: undefined };
}

function learn(column: Column, value: PythonValue): void {
  if (value instanceof PythonFloat || (typeof value === 'number' && !Number.isInteger(value))) column.hasFloats = true;
  else if (isPythonList(value)) {
    column.items ??= newColumn();
    for (const item of value) learn(column.items, item);
  } else {
    for (const [name, member] of membersOf(value) ?? []) {
      let known = column.members.get(name);
      if (known === undefined) column.members.set(name, (known = newColumn()));
      learn(known, member);
    }
  }
}

function completed(column: Column, value: PythonValue): PythonValue {
  if (typeof value === 'number') return column.hasFloats && Number.isInteger(value) ? pythonFloat(value) : value;
  const { items } = column;
  if (isPythonList(value)) return items === undefined ? value : value.map((item) => completed(items, item));
  const members = membersOf(value)?.map(([name, member]): [string, PythonValue] => {
    const known = column.members.get(name);
    return [name, known === undefined ? member : completed(known, member)];
  });
  return members === undefined ? value : orderedDict(members);
}

/** The members of a dict in their order; `undefined` for what is none. */
function membersOf(value: PythonValue): readonly [name: string, member: PythonValue][] | undefined {
  if (value instanceof Map) return dictEntries(value).map(([name, member]) => [pythonStr(name), member]);
  return isPlainDict(value) ? Object.entries(value) : undefined;
}
