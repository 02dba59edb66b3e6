import type { Alias, Node, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/index.ts';

/** The library, loaded when a fixture is read or written. */
export type Yaml = typeof import('yaml');

/** Texts from this length on have lines of their own. */
const LONG_TEXT = 100;
/** Lists and objects up to this length are written on one line. */
const SHORT_VALUE = 90;
/** Repeated texts from this length on are written once. */
const SHARED_TEXT = 120;

/** Blank lines with white space in them before there is a line that shows how far the block is indented: the library loses that white space. */
const BLANK_BEGINNING = /^(?:[ \t]*\n)*[ \t]+(?:\n|$)/;

/** Makes the parts of a YAML document, so that people can read it and a change shows where it is. */
export class FixtureNodes {
  readonly #yaml: Yaml;
  /** How often a long text or a large value is written. */
  readonly #uses = new Map<string, number>();
  readonly #anchors = new Map<string, string>();
  readonly #numbers = new Map<string, number>();

  constructor(yaml: Yaml) {
    this.#yaml = yaml;
  }

  /** Announces a text or value that will be written; those announced more than once are written once. */
  announce(key: string): void {
    if (key.length >= SHARED_TEXT) this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1);
  }

  /** A text: long ones and those of several lines as they are, indented. The library quotes those in which that would change something. */
  text(text: string): Scalar {
    const scalar = new this.#yaml.Scalar(text);
    if (BLANK_BEGINNING.test(text)) scalar.type = 'QUOTE_DOUBLE';
    else if (text.includes('\n') || text.length >= LONG_TEXT) scalar.type = 'BLOCK_LITERAL';
    return scalar;
  }

  /** A text or value under a name by which it can be referred to when it comes again. */
  shared(name: string, key: string, make: () => Scalar | YAMLMap | YAMLSeq): Node {
    if ((this.#uses.get(key) ?? 0) < 2) return make();
    const anchor = this.#anchors.get(key);
    if (anchor !== undefined) return this.#alias(anchor);
    const number = (this.#numbers.get(name) ?? 0) + 1;
    this.#numbers.set(name, number);
    const node = make();
    node.anchor = `${name}${number}`;
    this.#anchors.set(key, node.anchor);
    return node;
  }

  /** Any value: short ones on one line. */
  value(value: JsonValue): Scalar | YAMLMap | YAMLSeq {
    if (typeof value === 'string') return this.text(value);
    if (isArray(value)) {
      const list = this.list(value.map((each) => this.value(each)));
      list.flow = isShort(value);
      return list;
    }
    if (!isJsonObject(value)) return new this.#yaml.Scalar(value);
    const map = this.map(Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, this.value(each)] as const])));
    map.flow = isShort(value);
    return map;
  }

  map(entries: readonly (readonly [key: string, value: Node])[]): YAMLMap {
    const map = new this.#yaml.YAMLMap();
    for (const [key, value] of entries) map.add(new this.#yaml.Pair(this.text(key), value));
    return map;
  }

  list(items: readonly Node[]): YAMLSeq {
    const list = new this.#yaml.YAMLSeq();
    for (const item of items) list.add(item);
    return list;
  }

  #alias(anchor: string): Alias {
    return new this.#yaml.Alias(anchor);
  }
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isShort(value: JsonObject | readonly JsonValue[]): boolean {
  const json = JSON.stringify(value);
  return json.length <= SHORT_VALUE && !json.includes(String.raw`\n`);
}
