-- +goose Up
-- Most messages wait without a reference, and need no place among those that have one.
DROP INDEX outbox_ref;
CREATE INDEX outbox_ref ON outbox (ref) WHERE ref <> '';
