-- Holdfast ledger, schema version 1, for H2. Times are milliseconds since the epoch by the database's clock;
-- amounts of money are nano-dollars. Rows are written by Holdfast alone; read them as you like.

-- The version of this schema; one row.
CREATE TABLE ${prefix}schema_version (
    version INTEGER NOT NULL,
    PRIMARY KEY (version)
);

-- Where each part of the ledger stands: its last change, and where the kept journal and the newest snapshot begin.
CREATE TABLE ${prefix}lanes (
    lane INTEGER NOT NULL,
    version BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    base_version BIGINT NOT NULL,
    snapshot_version BIGINT NOT NULL,
    PRIMARY KEY (lane)
);

-- Which version of the lane the tables below the journal show; they follow within a moment.
CREATE TABLE ${prefix}shown (
    lane INTEGER NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (lane)
);

-- Every change of the ledger, in order: a row has the changes of a batch as a JSON list. The rest follows from it.
CREATE TABLE ${prefix}journal (
    lane INTEGER NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    first_at_ms BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    changes CHARACTER VARYING(1048576) NOT NULL,
    PRIMARY KEY (lane, first_seq)
);

-- Every charge. Amounts of kind REVERSED count with a minus. The view ${prefix}entries tells it with time and dollars.
CREATE TABLE ${prefix}charges (
    lane INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    kind VARCHAR(32) NOT NULL,
    operation_id VARCHAR(256) NOT NULL,
    at_ms BIGINT NOT NULL,
    scope VARCHAR(256) NOT NULL,
    session_id VARCHAR(256),
    model VARCHAR(256) NOT NULL,
    cost_nanos BIGINT,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    usage_input BIGINT,
    usage_cache_read BIGINT,
    usage_cache_write_short BIGINT,
    usage_cache_write_long BIGINT,
    usage_output BIGINT,
    usage_extra_nanos BIGINT,
    tags CHARACTER VARYING(1048576),
    PRIMARY KEY (lane, seq, kind)
);

CREATE INDEX ${prefix}charges_at ON ${prefix}charges (at_ms);

-- Every hold and what became of it. One that was settled long ago may have been pruned.
CREATE TABLE ${prefix}holds (
    lane INTEGER NOT NULL,
    scope VARCHAR(256) NOT NULL,
    hold_id VARCHAR(256) NOT NULL,
    session_id VARCHAR(256),
    model VARCHAR(256) NOT NULL,
    state VARCHAR(32) NOT NULL,
    cost_nanos BIGINT,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    admitted_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    on_expiry VARCHAR(32) NOT NULL,
    settled_at_ms BIGINT,
    booked_cost_nanos BIGINT,
    booked_input_tokens BIGINT,
    booked_output_tokens BIGINT,
    booked_calls BIGINT,
    seq BIGINT NOT NULL,
    PRIMARY KEY (lane, scope, hold_id)
);

-- Every counter: what it has committed and holds, as of its last change. What is committed may have fallen since next_change_ms.
CREATE TABLE ${prefix}balances (
    lane INTEGER NOT NULL,
    counter_id CHAR(32) NOT NULL,
    scope VARCHAR(256) NOT NULL,
    owner VARCHAR(256),
    session_id VARCHAR(256),
    meter VARCHAR(32) NOT NULL,
    window_text VARCHAR(256) NOT NULL,
    models VARCHAR(256) NOT NULL,
    enforcement VARCHAR(32) NOT NULL,
    amount BIGINT NOT NULL,
    committed BIGINT NOT NULL,
    held BIGINT NOT NULL,
    next_change_ms BIGINT,
    updated_at_ms BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (lane, counter_id)
);

CREATE INDEX ${prefix}balances_scope ON ${prefix}balances (scope);

-- What was spent by day (UTC), scope and model. An ancestor is not charged here: sum up the scopes below it.
CREATE TABLE ${prefix}rollups (
    lane INTEGER NOT NULL,
    day_utc DATE NOT NULL,
    scope VARCHAR(256) NOT NULL,
    model VARCHAR(256) NOT NULL,
    entries BIGINT NOT NULL,
    cost_nanos BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    PRIMARY KEY (lane, day_utc, scope, model)
);

-- Every scope and template that was defined by its own name, as last defined.
CREATE TABLE ${prefix}scopes (
    lane INTEGER NOT NULL,
    name VARCHAR(256) NOT NULL,
    parent VARCHAR(256),
    state VARCHAR(32) NOT NULL,
    definition CHARACTER LARGE OBJECT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (lane, name)
);

-- What waits to be delivered to each subscription, the oldest with the lowest seq.
CREATE TABLE ${prefix}outbox (
    lane INTEGER NOT NULL,
    subscription VARCHAR(256) NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    at_ms BIGINT NOT NULL,
    kind VARCHAR(32) NOT NULL,
    scope VARCHAR(256) NOT NULL,
    notice CHARACTER LARGE OBJECT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (lane, subscription, message_id)
);

-- The whole state at a version, in parts: the 'newest', where ledgers are opened, and the 'base', where the journal begins.
CREATE TABLE ${prefix}snapshots (
    lane INTEGER NOT NULL,
    kind CHARACTER VARYING(10) NOT NULL,
    version BIGINT NOT NULL,
    part INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    items CHARACTER LARGE OBJECT NOT NULL,
    PRIMARY KEY (lane, kind, version, part)
);

-- Every charge, with its time and dollars.
CREATE VIEW ${prefix}entries AS
SELECT lane, seq, operation_id, at_ms, DATEADD('MILLISECOND', at_ms, TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00Z') AS booked_at, kind, scope, session_id, model,
       cost_nanos, CAST(cost_nanos AS NUMERIC(28, 9)) / 1000000000 AS cost_usd, input_tokens, output_tokens, calls,
       usage_input, usage_cache_read, usage_cache_write_short, usage_cache_write_long, usage_output, usage_extra_nanos, tags
FROM ${prefix}charges;

INSERT INTO ${prefix}lanes (lane, version, last_at_ms, base_version, snapshot_version) VALUES (0, 0, 0, 0, 0);

INSERT INTO ${prefix}shown (lane, version) VALUES (0, 0);

INSERT INTO ${prefix}schema_version (version) VALUES (1);
