-- +goose Up
-- What is counted every minute must not cost more the more there is.
CREATE INDEX incident_status ON incident (status, deadline_at);
CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL;
