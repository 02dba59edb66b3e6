import { isJsonObject, type JsonObject, type JsonValue } from '../../core/index.ts';

/** A field that is a text which is not empty. */
export function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A field that is a number; Google writes those of 64 bits as text. */
export function number(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** A field that is an object; an empty one otherwise. */
export function object(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The objects of a field that is a list. */
export function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Seconds since 1970 as milliseconds. */
export function seconds(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value * 1000 : undefined;
}

/** An ISO date as milliseconds since 1970. */
export function date(value: JsonValue | undefined): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
