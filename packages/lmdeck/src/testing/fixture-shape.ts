import { didYouMean, isJsonObject, type JsonObject, type JsonValue } from '../core/index.ts';

type Path = readonly (string | number)[];

/** A mistake in a fixture, before it is known on which line. */
export class FixtureMistake extends Error {
  readonly path: Path;

  constructor(path: Path, message: string) {
    super(message);
    this.path = path;
  }
}

/** A value in a fixture and where it stands. Its methods give the value as what it must be, or say what it must be. */
export class FixtureValue {
  readonly path: Path;
  readonly json: JsonValue | undefined;

  constructor(json: JsonValue | undefined, path: Path = []) {
    this.json = json;
    this.path = path;
  }

  get isAbsent(): boolean {
    return this.json === undefined || this.json === null;
  }

  fail(expected: string): never {
    throw new FixtureMistake(this.path, `${this.#name()} must be ${expected}.`);
  }

  #name(): string {
    const name = this.path.findLast((each) => typeof each === 'string');
    const last = this.path.at(-1);
    if (typeof last === 'number') return `entry ${last + 1} of "${name}"`;
    return name === undefined ? 'a fixture' : `"${name}"`;
  }

  object(): JsonObject {
    return isJsonObject(this.json) ? this.json : this.fail('an object');
  }

  /** The values of an object by key. @throws FixtureMistake for a key that is not one of `known`. */
  fields<K extends string>(known: readonly K[]): Readonly<Record<K, FixtureValue>> {
    const object = this.object();
    const stranger = Object.keys(object).find((key) => !known.some((each) => each === key));
    if (stranger !== undefined)
      throw new FixtureMistake(
        [...this.path, stranger],
        `unknown key "${stranger}".${didYouMean(stranger, known)} Known here: ${known.join(', ')}.`,
      );
    const fields: Partial<Record<K, FixtureValue>> = {};
    for (const key of known) fields[key] = this.at(key);
    return complete(fields, known);
  }

  at(key: string): FixtureValue {
    return new FixtureValue(isJsonObject(this.json) ? this.json[key] : undefined, [...this.path, key]);
  }

  list(): FixtureValue[] {
    return isArray(this.json) ? this.json.map((each, i) => new FixtureValue(each, [...this.path, i])) : this.fail('a list');
  }

  text(): string {
    return typeof this.json === 'string' ? this.json : this.fail('a text (put it in quotes if it looks like a number)');
  }

  number(): number {
    return typeof this.json === 'number' ? this.json : this.fail('a number');
  }

  flag(): boolean {
    return typeof this.json === 'boolean' ? this.json : this.fail('true or false');
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    return choices.find((each) => each === this.json) ?? this.fail(`one of ${choices.join(', ')}`);
  }

  /** What `read` makes of the value; `undefined` when it is absent. */
  maybe<T>(read: (value: this) => T): T | undefined {
    return this.isAbsent ? undefined : read(this);
  }
}

function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function complete<K extends string>(fields: Partial<Record<K, FixtureValue>>, keys: readonly K[]): Record<K, FixtureValue> {
  if (!hasAll(fields, keys)) throw new TypeError('a field is missing');
  return fields;
}

function hasAll<K extends string>(fields: Partial<Record<K, FixtureValue>>, keys: readonly K[]): fields is Record<K, FixtureValue> {
  return keys.every((key) => fields[key] !== undefined);
}
