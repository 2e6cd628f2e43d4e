-- +goose Up
-- The content of files that the DSO asked for, sealed under the incident's key. What they are called stands in the incident's state.
CREATE TABLE file (
    id       TEXT   NOT NULL PRIMARY KEY,
    incident TEXT   NOT NULL REFERENCES incident (id) DEFERRABLE INITIALLY DEFERRED,
    sealed   BYTEA  NOT NULL
);
CREATE INDEX file_incident ON file (incident);
