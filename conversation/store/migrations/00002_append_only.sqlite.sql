-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER event_keep BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event rows are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER event_stay BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event rows are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER answer_keep BEFORE UPDATE ON answer BEGIN SELECT RAISE(ABORT, 'answer rows are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER answer_stay BEFORE DELETE ON answer BEGIN SELECT RAISE(ABORT, 'answer rows are append-only'); END;
-- +goose StatementEnd
-- REPLACE would delete a row without asking the triggers above.
-- +goose StatementBegin
CREATE TRIGGER event_once BEFORE INSERT ON event
WHEN EXISTS (SELECT 1 FROM event WHERE incident = NEW.incident AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'event rows are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER answer_once BEFORE INSERT ON answer
WHEN EXISTS (SELECT 1 FROM answer WHERE incident = NEW.incident AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'answer rows are append-only'); END;
-- +goose StatementEnd
