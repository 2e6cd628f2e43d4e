-- Both engines read this file. Instants are BIGINT: microseconds since 1970, UTC. SQLite keeps BYTEA values as blobs.
-- Foreign keys are checked at the commit, so that a turn may write in the order that suits it.

-- +goose Up
-- Two processes that migrate at once: the second to finish a step fails on this index, and looks again.
CREATE UNIQUE INDEX migration_once ON migration (version_id);

-- Known text, sealed under the master key: tells at start whether the key is the right one.
CREATE TABLE master_key (
    name   TEXT  NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

CREATE TABLE form_file (
    version TEXT   NOT NULL PRIMARY KEY,
    id      TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    data    BYTEA  NOT NULL
);

-- Counters that never skip: the numbers of a year's incidents, the order of a person's messages.
CREATE TABLE series (
    name TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

CREATE TABLE person (
    id           TEXT   NOT NULL PRIMARY KEY,
    name         TEXT   NOT NULL,
    lang         TEXT   NOT NULL,
    unit         TEXT   NOT NULL,
    last_channel TEXT   NOT NULL,
    greeted_at   BIGINT,
    version      BIGINT NOT NULL
);

CREATE TABLE address (
    channel   TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    person    TEXT   NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    reference TEXT   NOT NULL,
    position  BIGINT NOT NULL,
    PRIMARY KEY (channel, id)
);
CREATE INDEX address_person ON address (person);

-- key_sealed and sealed are NULL once the incident is purged.
CREATE TABLE incident (
    id           TEXT   NOT NULL PRIMARY KEY,
    number       TEXT   NOT NULL UNIQUE,
    unit         TEXT   NOT NULL,
    form         TEXT   NOT NULL,
    form_version TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    reporter     TEXT   NOT NULL,
    reported_at  BIGINT,
    aware_at     BIGINT,
    deadline_at  BIGINT,
    closed_at    BIGINT,
    next_due     BIGINT,
    key_sealed   BYTEA,
    sealed       BYTEA
);
CREATE INDEX incident_due ON incident (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE participant (
    incident TEXT   NOT NULL REFERENCES incident (id) DEFERRABLE INITIALLY DEFERRED,
    person   TEXT   NOT NULL,
    role     TEXT   NOT NULL,
    open     BIGINT NOT NULL,
    PRIMARY KEY (incident, person, role)
);
CREATE INDEX participant_open ON participant (person) WHERE open = 1;

-- Every revision of every answer; the highest seq of a field is current.
CREATE TABLE answer (
    incident TEXT   NOT NULL REFERENCES incident (id) DEFERRABLE INITIALLY DEFERRED,
    seq      BIGINT NOT NULL,
    field    TEXT   NOT NULL,
    revision BIGINT NOT NULL,
    author   TEXT   NOT NULL,
    role     TEXT   NOT NULL,
    at       BIGINT,
    inbound  TEXT   NOT NULL,
    sealed   BYTEA  NOT NULL,
    PRIMARY KEY (incident, seq)
);
CREATE INDEX answer_field ON answer (incident, field, seq);

CREATE TABLE event (
    incident TEXT   NOT NULL REFERENCES incident (id) DEFERRABLE INITIALLY DEFERRED,
    seq      BIGINT NOT NULL,
    at       BIGINT,
    name     TEXT   NOT NULL,
    person   TEXT   NOT NULL,
    field    TEXT   NOT NULL,
    detail   TEXT   NOT NULL,
    hash     TEXT   NOT NULL,
    chain    TEXT   NOT NULL,
    PRIMARY KEY (incident, seq)
);

-- A row has a key of its own until it belongs to an incident.
CREATE TABLE inbound (
    id          TEXT   NOT NULL PRIMARY KEY,
    channel     TEXT   NOT NULL,
    at          BIGINT,
    accepted_at BIGINT NOT NULL,
    done_at     BIGINT,
    incident    TEXT REFERENCES incident (id) DEFERRABLE INITIALLY DEFERRED,
    outcome     TEXT   NOT NULL,
    key_sealed  BYTEA,
    sealed      BYTEA
);
CREATE INDEX inbound_waiting ON inbound (at, accepted_at) WHERE done_at IS NULL;
CREATE INDEX inbound_incident ON inbound (incident);

-- seq orders the messages to one person, in the order of the commits.
CREATE TABLE outbox (
    id            TEXT   NOT NULL PRIMARY KEY,
    incident      TEXT REFERENCES incident (id) DEFERRABLE INITIALLY DEFERRED,
    person        TEXT   NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    channel       TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    field         TEXT   NOT NULL,
    revision      BIGINT NOT NULL,
    dedup         TEXT UNIQUE,
    token_hash    TEXT UNIQUE,
    message_id    TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    seq           BIGINT NOT NULL,
    not_before    BIGINT NOT NULL,
    claimed_by    TEXT   NOT NULL,
    claimed_until BIGINT,
    attempts      BIGINT NOT NULL,
    sent_at       BIGINT,
    ref           TEXT   NOT NULL,
    dead_at       BIGINT,
    reason        TEXT   NOT NULL,
    key_sealed    BYTEA,
    sealed        BYTEA,
    UNIQUE (person, seq)
);
CREATE INDEX outbox_unsent ON outbox (person, seq) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_message ON outbox (message_id);
CREATE INDEX outbox_ref ON outbox (ref);
CREATE INDEX outbox_incident ON outbox (incident);

CREATE TABLE thread_message (
    incident   TEXT   NOT NULL REFERENCES incident (id) DEFERRABLE INITIALLY DEFERRED,
    person     TEXT   NOT NULL,
    message_id TEXT   NOT NULL,
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (incident, person, message_id)
);

CREATE TABLE lease (
    name   TEXT   NOT NULL PRIMARY KEY,
    holder TEXT   NOT NULL,
    until  BIGINT NOT NULL,
    fence  BIGINT NOT NULL
);
