/**
 * A value as far as it has come: every field may be missing, lists are shorter, the last string is cut off (so literals are any string
 * still), and what is text in JSON is text still.
 */
export type DeepPartial<T> = T extends string | Date | bigint
  ? string
  : T extends number | boolean | null
    ? T
    : T extends ReadonlySet<infer Item> | readonly (infer Item)[]
      ? readonly DeepPartial<Item>[]
      : T extends ReadonlyMap<string, infer Value>
        ? { readonly [key: string]: DeepPartial<Value> }
        : T extends object
          ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
          : T;
