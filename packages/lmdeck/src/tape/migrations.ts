/** One step of the file format. Steps are added, never changed: files that were written with them exist. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Written into the file header ("LMdk"), so that `file` and lmdeck can tell a tape from any other SQLite file. */
export const APPLICATION_ID = 0x4c_4d_64_6b;

/** How texts are indexed: words without case and accents; the texts themselves stay where they are. */
export const FTS = "prompt, answer, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'";

/**
 * The file format; docs/tape-format.md explains it column by column. Hashes are looked up by `key`, their first 52 bits
 * as an integer: an index over it takes a third of the space and time of one over the 32 bytes.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'calls, messages and search',
    sql: `
CREATE TABLE migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at INTEGER NOT NULL
);
CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  indexed_to INTEGER NOT NULL,
  deletions INTEGER NOT NULL
);
INSERT INTO state VALUES (1, 0, 0);
CREATE TABLE processes (
  id INTEGER PRIMARY KEY,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  boot TEXT,
  started TEXT NOT NULL,
  ended_at INTEGER
);
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL,
  parent INTEGER,
  role TEXT NOT NULL,
  text TEXT,
  message TEXT
);
CREATE TABLE blobs (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  data BLOB NOT NULL
);
CREATE TABLE documents (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  json TEXT NOT NULL
);
CREATE TABLE calls (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  request_key BLOB NOT NULL,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  model TEXT NOT NULL,
  endpoint TEXT,
  revision TEXT,
  prompt INTEGER,
  answer INTEGER,
  answers INTEGER,
  options TEXT,
  schema INTEGER,
  tools INTEGER,
  tool_choice TEXT,
  samples INTEGER,
  sample INTEGER,
  continuation TEXT,
  stream INTEGER NOT NULL,
  conversation TEXT,
  run TEXT,
  parent TEXT,
  process INTEGER,
  metadata TEXT,
  finish_reason TEXT,
  finish_raw TEXT,
  resolved_model TEXT,
  response_id TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cached_tokens INTEGER,
  cache_write_tokens INTEGER,
  reasoning_tokens INTEGER,
  total_tokens INTEGER,
  usage_raw TEXT,
  first_token_ms REAL,
  duration_ms REAL,
  attempts INTEGER,
  cost_micros INTEGER,
  cached_from TEXT,
  logprobs TEXT,
  chunks TEXT,
  error_code TEXT,
  error TEXT
);
CREATE UNIQUE INDEX calls_id ON calls (id);
CREATE INDEX calls_started ON calls (process) WHERE status = 'started';
CREATE INDEX calls_conversation ON calls (conversation) WHERE conversation IS NOT NULL;
CREATE INDEX calls_run ON calls (run) WHERE run IS NOT NULL;
CREATE INDEX calls_parent ON calls (parent) WHERE parent IS NOT NULL;
CREATE INDEX calls_schema ON calls (schema) WHERE schema IS NOT NULL;
CREATE TABLE key_buffer (
  key INTEGER NOT NULL,
  ref INTEGER NOT NULL,
  PRIMARY KEY (key, ref)
) WITHOUT ROWID;
CREATE TABLE key_index (
  key INTEGER NOT NULL,
  ref INTEGER NOT NULL,
  PRIMARY KEY (key, ref)
) WITHOUT ROWID;
CREATE TABLE samples (
  call INTEGER NOT NULL,
  sample INTEGER NOT NULL,
  answer INTEGER NOT NULL,
  finish_reason TEXT,
  finish_raw TEXT,
  logprobs TEXT,
  PRIMARY KEY (call, sample)
) WITHOUT ROWID;
CREATE TABLE partials (
  id INTEGER PRIMARY KEY,
  call INTEGER NOT NULL,
  piece TEXT NOT NULL
);
CREATE INDEX partials_call ON partials (call);
CREATE TABLE tags (
  call INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (call, key)
) WITHOUT ROWID;
CREATE TABLE unindexed (
  call INTEGER PRIMARY KEY
);
CREATE VIRTUAL TABLE search USING fts5 (
  ${FTS}
);
`,
  },
  {
    version: 2,
    name: 'new keys in a log',
    sql: `
CREATE TABLE key_log (
  id INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  ref INTEGER NOT NULL
);
INSERT INTO key_log (key, ref) SELECT key, ref FROM key_buffer;
DROP TABLE key_buffer;
`,
  },
];
