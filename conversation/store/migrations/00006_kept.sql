-- +goose Up
-- What the program was given by others and must still have after a restart, sealed under the master key: a renewed refresh token.
CREATE TABLE kept (
    name   TEXT   NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    sealed BYTEA  NOT NULL
);
