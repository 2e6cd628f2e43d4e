-- +goose Up
-- Each is written with every answer or message. An incident's answers are few enough to read them all, and a message's Message-ID begins with its id.
DROP INDEX answer_field;
DROP INDEX outbox_message;
