import type { JsonObject, JsonValue } from './json.ts';

/** A model as plain data: what kind it is and its settings, without secrets. */
export interface ModelDescription {
  /** Names who makes it: `chat`, `mock`, `deck`, … */
  readonly type: string;
  /** What its calls start from. */
  readonly options?: JsonObject;
  readonly [setting: string]: JsonValue | undefined;
}
