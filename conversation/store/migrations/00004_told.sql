-- What the administrator was told by the second route and when, in real time; a row goes when the thing works again.
-- +goose Up
CREATE TABLE told (
    name TEXT   NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL
);
