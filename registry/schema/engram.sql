-- The file of one Engram. @source engram.md 12.2
-- The first two tables are those of the Python SDK, which goes on with them.
CREATE TABLE IF NOT EXISTS engram_entries (
  id          TEXT PRIMARY KEY,
  engram_kind TEXT NOT NULL,
  merge_key   TEXT,
  content     TEXT NOT NULL,
  tags        TEXT NOT NULL DEFAULT '[]',
  meta        TEXT NOT NULL DEFAULT '{}',
  version     INTEGER NOT NULL DEFAULT 1,
  created_at  TEXT NOT NULL,
  updated_at  TEXT NOT NULL,
  deleted_at  TEXT,
  rev         INTEGER
);
CREATE INDEX IF NOT EXISTS engram_entries_kind_idx
  ON engram_entries (engram_kind);
CREATE INDEX IF NOT EXISTS engram_entries_merge_key_idx
  ON engram_entries (merge_key) WHERE merge_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS engram_entries_updated_idx
  ON engram_entries (updated_at);
CREATE UNIQUE INDEX IF NOT EXISTS engram_entries_rev_idx
  ON engram_entries (rev);
CREATE INDEX IF NOT EXISTS engram_entries_current_idx
  ON engram_entries (merge_key, rev) WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS engram_entries_deleted_idx
  ON engram_entries (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS engram_imprint_seen (
  imprint_id TEXT PRIMARY KEY,
  entry_id   TEXT NOT NULL,
  seen_at    TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS engram_imprint_seen_at_idx
  ON engram_imprint_seen (seen_at);

CREATE TABLE IF NOT EXISTS engram_meta (
  key   TEXT PRIMARY KEY,
  value TEXT
);

CREATE TABLE IF NOT EXISTS engram_saga (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  trace_id    TEXT NOT NULL,
  imprint_id  TEXT NOT NULL,
  op          TEXT NOT NULL,
  entry_id    TEXT NOT NULL,
  before_json TEXT,
  before_rev  INTEGER NOT NULL,
  after_rev   INTEGER NOT NULL,
  at          TEXT
);
CREATE INDEX IF NOT EXISTS engram_saga_trace_idx
  ON engram_saga (trace_id, seq);
CREATE INDEX IF NOT EXISTS engram_saga_splice_idx
  ON engram_saga (entry_id, before_rev);

CREATE TABLE IF NOT EXISTS engram_saga_trace (
  trace_id    TEXT PRIMARY KEY,
  state       TEXT NOT NULL,
  stop_id     TEXT,
  stop_ts     TEXT,
  op_count    INTEGER NOT NULL,
  compensated INTEGER NOT NULL,
  conflicts   INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  failed_seen INTEGER NOT NULL,
  opened_at   TEXT,
  touched_at  TEXT NOT NULL,
  closed_at   TEXT
);
CREATE INDEX IF NOT EXISTS engram_saga_trace_state_idx
  ON engram_saga_trace (state, touched_at);

PRAGMA user_version = 1;
