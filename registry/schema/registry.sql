-- The file that all SDKs share. @source synapse-and-cli.md 8.4
-- A file of theirs has the table and user_version 0; it is left so.
CREATE TABLE neurons (
  neuron_id      TEXT PRIMARY KEY,
  capabilities   TEXT NOT NULL DEFAULT '[]',
  version        TEXT,
  status         TEXT NOT NULL DEFAULT 'registered',
  last_heartbeat TEXT,
  registered_at  TEXT NOT NULL
);
PRAGMA user_version = 1;
