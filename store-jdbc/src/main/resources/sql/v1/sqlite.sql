-- Holdfast ledger, schema version 1, for SQLite. Times are milliseconds since the epoch by the database's clock;
-- amounts of money are nano-dollars. Rows are written by Holdfast alone; read them as you like.

-- The version of this schema; one row.
CREATE TABLE ${prefix}schema_version (
    version INTEGER NOT NULL,
    PRIMARY KEY (version)
) STRICT, WITHOUT ROWID;

-- Where each part of the ledger stands: its last change, and where the kept journal and the newest snapshot begin.
CREATE TABLE ${prefix}lanes (
    lane INTEGER NOT NULL,
    version INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    base_version INTEGER NOT NULL,
    snapshot_version INTEGER NOT NULL,
    PRIMARY KEY (lane)
) STRICT, WITHOUT ROWID;

-- Which version of the lane the tables below the journal show; they follow within a moment.
CREATE TABLE ${prefix}shown (
    lane INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (lane)
) STRICT, WITHOUT ROWID;

-- Every change of the ledger, in order: a row has the changes of a batch as a JSON list. The rest follows from it.
CREATE TABLE ${prefix}journal (
    lane INTEGER NOT NULL,
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    first_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    changes TEXT NOT NULL
) STRICT;

-- Every charge. Amounts of kind REVERSED count with a minus. The view ${prefix}entries tells it with time and dollars.
CREATE TABLE ${prefix}charges (
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    scope TEXT NOT NULL,
    session_id TEXT,
    model TEXT NOT NULL,
    cost_nanos INTEGER,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    usage_input INTEGER,
    usage_cache_read INTEGER,
    usage_cache_write_short INTEGER,
    usage_cache_write_long INTEGER,
    usage_output INTEGER,
    usage_extra_nanos INTEGER,
    tags TEXT,
    PRIMARY KEY (lane, seq, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX ${prefix}charges_at ON ${prefix}charges (at_ms);

-- Every hold and what became of it. One that was settled long ago may have been pruned.
CREATE TABLE ${prefix}holds (
    lane INTEGER NOT NULL,
    scope TEXT NOT NULL,
    hold_id TEXT NOT NULL,
    session_id TEXT,
    model TEXT NOT NULL,
    state TEXT NOT NULL,
    cost_nanos INTEGER,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    admitted_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    on_expiry TEXT NOT NULL,
    settled_at_ms INTEGER,
    booked_cost_nanos INTEGER,
    booked_input_tokens INTEGER,
    booked_output_tokens INTEGER,
    booked_calls INTEGER,
    seq INTEGER NOT NULL,
    PRIMARY KEY (lane, scope, hold_id)
) STRICT, WITHOUT ROWID;

-- Every counter: what it has committed and holds, as of its last change. What is committed may have fallen since next_change_ms.
CREATE TABLE ${prefix}balances (
    lane INTEGER NOT NULL,
    counter_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    owner TEXT,
    session_id TEXT,
    meter TEXT NOT NULL,
    window_text TEXT NOT NULL,
    models TEXT NOT NULL,
    enforcement TEXT NOT NULL,
    amount INTEGER NOT NULL,
    committed INTEGER NOT NULL,
    held INTEGER NOT NULL,
    next_change_ms INTEGER,
    updated_at_ms INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (lane, counter_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX ${prefix}balances_scope ON ${prefix}balances (scope);

-- What was spent by day (UTC), scope and model. An ancestor is not charged here: sum up the scopes below it.
CREATE TABLE ${prefix}rollups (
    lane INTEGER NOT NULL,
    day_utc TEXT NOT NULL,
    scope TEXT NOT NULL,
    model TEXT NOT NULL,
    entries INTEGER NOT NULL,
    cost_nanos INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (lane, day_utc, scope, model)
) STRICT, WITHOUT ROWID;

-- Every scope and template that was defined by its own name, as last defined.
CREATE TABLE ${prefix}scopes (
    lane INTEGER NOT NULL,
    name TEXT NOT NULL,
    parent TEXT,
    state TEXT NOT NULL,
    definition TEXT NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (lane, name)
) STRICT, WITHOUT ROWID;

-- What waits to be delivered to each subscription, the oldest with the lowest seq.
CREATE TABLE ${prefix}outbox (
    lane INTEGER NOT NULL,
    subscription TEXT NOT NULL,
    message_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    notice TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (lane, subscription, message_id)
) STRICT, WITHOUT ROWID;

-- The whole state at a version, in parts: the 'newest', where ledgers are opened, and the 'base', where the journal begins.
CREATE TABLE ${prefix}snapshots (
    lane INTEGER NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    part INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    items TEXT NOT NULL,
    PRIMARY KEY (lane, kind, version, part)
) STRICT;

-- Every charge, with its time and dollars.
CREATE VIEW ${prefix}entries AS
SELECT lane, seq, operation_id, at_ms, strftime('%Y-%m-%dT%H:%M:%fZ', at_ms / 1000.0, 'unixepoch') AS booked_at, kind, scope, session_id, model,
       cost_nanos, cost_nanos / 1000000000.0 AS cost_usd, input_tokens, output_tokens, calls,
       usage_input, usage_cache_read, usage_cache_write_short, usage_cache_write_long, usage_output, usage_extra_nanos, tags
FROM ${prefix}charges;

INSERT INTO ${prefix}lanes (lane, version, last_at_ms, base_version, snapshot_version) VALUES (0, 0, 0, 0, 0);

INSERT INTO ${prefix}shown (lane, version) VALUES (0, 0);

INSERT INTO ${prefix}schema_version (version) VALUES (1);
