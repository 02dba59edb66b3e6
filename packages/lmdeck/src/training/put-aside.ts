import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** One answer of a group. */
export interface Member {
  readonly call: string;
  readonly sample: number;
  readonly score: number;
}

/**
 * Which calls belong together, kept on disk in a nameless file that goes with the process: a tape can have more of them than fit into memory.
 */
export class PutAside implements Disposable {
  readonly #database: DatabaseSync;
  readonly #add: StatementSync;
  readonly #seen: StatementSync;

  constructor() {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    // The empty name is SQLite's for a temporary file of its own.
    this.#database = new DatabaseSync('');
    this.#database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000;
CREATE TABLE members (id INTEGER PRIMARY KEY, name TEXT NOT NULL, call TEXT NOT NULL, sample INTEGER NOT NULL, score REAL NOT NULL);
CREATE TABLE seen (name TEXT PRIMARY KEY) WITHOUT ROWID;
BEGIN`);
    this.#add = this.#database.prepare('INSERT INTO members (name, call, sample, score) VALUES (?, ?, ?, ?)');
    this.#seen = this.#database.prepare('INSERT OR IGNORE INTO seen VALUES (?)');
  }

  add(group: string, { call, sample, score }: Member): void {
    this.#add.run(group, call, sample, score);
  }

  /** True the first time that it is asked for a name. */
  isFirst(name: string): boolean {
    return this.#seen.run(name).changes === 1;
  }

  /** The groups in the order of their first members; in each the best score first, the newer one of equals. */
  *groups(): Generator<readonly Member[], undefined> {
    this.#database.exec('CREATE INDEX members_name ON members (name)');
    const members = this.#database.prepare(
      `SELECT name, call, sample, score FROM members
       JOIN (SELECT name AS of, min(id) AS first FROM members GROUP BY name) ON of = name ORDER BY first, score DESC, id DESC`,
    );
    let name: unknown;
    let group: Member[] = [];
    for (const row of members.iterate()) {
      if (row['name'] !== name && group.length > 0) {
        yield group;
        group = [];
      }
      name = row['name'];
      group.push({ call: String(row['call']), sample: Number(row['sample']), score: Number(row['score']) });
    }
    if (group.length > 0) yield group;
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
