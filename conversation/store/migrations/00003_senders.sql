-- +goose Up
-- How fast the person writes, as JSON: counts and a hash, no content.
ALTER TABLE person ADD COLUMN pace TEXT NOT NULL DEFAULT '';
-- When an automatic reply said that the person is away; NULL once they have written again.
ALTER TABLE person ADD COLUMN absent_at BIGINT;

-- Why it was not certain who reported; '' where it was.
ALTER TABLE incident ADD COLUMN unverified TEXT NOT NULL DEFAULT '';
-- Whose address it came from, and when the data protection officer is told.
ALTER TABLE incident ADD COLUMN claimed TEXT NOT NULL DEFAULT '';
ALTER TABLE incident ADD COLUMN announce_at BIGINT;
CREATE INDEX incident_unverified ON incident (reported_at) WHERE unverified <> '';

CREATE INDEX thread_message_id ON thread_message (message_id);

-- 1 once a message that came back has been put out again on another channel.
ALTER TABLE outbox ADD COLUMN resent BIGINT NOT NULL DEFAULT 0;
