import { basename } from 'node:path';
import type { JsonObject } from '../../core/index.ts';
import { changed, fingerprintOf, isSame } from './file-blocks.ts';
import type { RowSource, SourceFingerprint, SourcePosition, SourceRow } from './row-source.ts';

/** A record and the line in which it begins, or what is wrong with it. */
export interface SourceRecord {
  /** Absent: its number. */
  readonly line?: number;
  readonly content?: JsonObject | string;
  readonly problem?: string;
}

/** How many records go on together. */
const GROUP = 64;

/** Rows that some reader gives one by one, always from the first: files with a structure of their own, and lists in memory. */
export class RecordSource implements RowSource {
  readonly name: string;
  readonly path: string | undefined;
  readonly places: 'line' | 'row';
  readonly fingerprint: (() => SourceFingerprint) | undefined;
  readonly #records: () => AsyncIterable<SourceRecord>;

  constructor(
    from: { readonly name: string } | { readonly path: string; readonly beside?: string },
    places: 'line' | 'row',
    records: () => AsyncIterable<SourceRecord>,
  ) {
    this.places = places;
    this.#records = records;
    if ('name' in from) {
      this.name = from.name;
      return;
    }
    const { path, beside } = from;
    this.name = basename(path);
    this.path = path;
    this.fingerprint = () => fingerprintOf(path, beside);
    this.fingerprint();
  }

  async *read(from: SourcePosition, wanted?: (index: number) => boolean): AsyncGenerator<readonly SourceRow[], undefined> {
    const before = this.fingerprint?.();
    let index = -1;
    let group: SourceRow[] = [];
    for await (const { line, content, problem } of this.#records()) {
      index++;
      if (index < from.index || wanted?.(index) === false) continue;
      const place = line ?? index + 1;
      const next = { index: index + 1, line: index + 2, offset: 0 };
      const what = problem === undefined ? { content: content ?? {} } : { problem };
      group.push({ index, line: place, offset: 0, next, ...what });
      if (group.length < GROUP) continue;
      if (before !== undefined && this.fingerprint !== undefined && !isSame(before, this.fingerprint())) throw changed(this.name);
      yield group;
      group = [];
    }
    if (before !== undefined && this.fingerprint !== undefined && !isSame(before, this.fingerprint())) throw changed(this.name);
    if (group.length > 0) yield group;
    return undefined;
  }
}
