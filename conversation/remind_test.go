package conversation

import (
	"slices"
	"testing"
	"time"
)

func TestEscalation(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.clock(29 * time.Minute)
	if n := len(w.incident().Watch.Called); n != 1 {
		t.Fatalf("%d called after 29 minutes", n)
	}
	w.clock(2 * time.Minute)
	if c := w.incident().Watch.Called; len(c) != 2 || c[1].Post != PostDeputy {
		t.Fatalf("called %+v", c)
	}
	w.answer(alex, "kan inte")
	if c := w.incident().Watch.Called; len(c) != 3 || c[2].Post != PostOnCall {
		t.Fatalf("called after a no: %+v", c)
	}
	w.answer(sam, "tar")
	w.wantKey(w.last(anna), TextToldTaken)
	before := len(w.to(kim))
	w.clock(2 * time.Hour)
	if len(w.to(kim)) != before {
		t.Errorf("the DSO is called again after somebody took it")
	}
}

// A discovery long ago puts the deadline behind: the notification then goes to review at once, and nothing is said to be left.
func TestReviewAfterTheDeadline(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.answer(anna, "ändra 11: 2024-10-01 kl 10")
	w.clock(time.Minute)
	o := w.last(kim)
	w.wantKey(o, TextReviewOverdue)
	if o.Kind != MessageReview || slices.Contains(keys(o), TextReviewTime) {
		t.Errorf("%s %v", o.Kind, keys(o))
	}
}

func TestReminders(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.answer(kim, "tar")
	w.fresh(anna)
	w.clock(24*time.Hour + time.Minute)
	got := w.fresh(anna)
	if len(got) != 1 || got[0].Kind != MessageReminder {
		t.Fatalf("at 48 h left: %d messages", len(got))
	}
	w.fresh(kim)
	w.clock(24 * time.Hour)
	if o := w.fresh(kim); len(o) == 0 || o[0].Kind != MessageReview {
		t.Fatalf("at 24 h left the DSO gets %v", o)
	}
	if o := w.last(alex); o.Kind != MessageReminder {
		t.Errorf("from 24 h left the deputy is reminded too, got %s", o.Kind)
	}
	w.clock(24*time.Hour + 12*24*time.Hour)
	over := 0
	for _, o := range w.to(kim) {
		if o.Kind == MessageReminder && slices.Contains(keys(o), TextReminderOverdue) {
			over++
		}
	}
	if over != 10 {
		t.Errorf("%d reminders after the deadline, want ten", over)
	}
	if o := w.last(kim); o.Document != nil || o.Question != nil {
		t.Error("a reminder holds answers")
	}
}

func TestDownDuringReminders(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.answer(kim, "tar")
	w.fresh(anna)
	w.now = w.now.Add(67 * time.Hour) // the program was down past 48, 24, 12 and 6 h left
	if err := w.e.Sweep(t.Context(), w.now); err != nil {
		t.Fatal(err)
	}
	if err := w.e.Sweep(t.Context(), w.now); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, o := range w.fresh(anna) {
		if o.Kind == MessageReminder {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d reminders for what came due while down, want the most urgent only", n)
	}
}

func TestDeadlineMoves(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(anna, "nej\n\n11: 17 november")
	in := w.incident()
	want := time.Date(2026, 11, 16, 23, 0, 0, 0, time.UTC)
	if !in.AwareAt.Equal(want) || !in.DeadlineAt.Equal(want.Add(72*time.Hour)) {
		t.Errorf("aware %s, deadline %s", in.AwareAt, in.DeadlineAt)
	}
	moved := slices.ContainsFunc(w.to(kim), func(o Outbound) bool { return slices.Contains(keys(o), TextDeadlineMoved) })
	if !moved {
		t.Error("the DSO is not told that the deadline moved")
	}
	if o := w.last(anna); o.Kind != MessageQuestion || !o.DeadlineAt.Equal(in.DeadlineAt) {
		t.Errorf("the answer that moved it is met by %s with the deadline %s", o.Kind, o.DeadlineAt)
	}
}

func TestNoReminderBetweenAnswers(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.clock(25 * time.Hour)
	w.fresh(anna)
	w.fresh(kim)
	w.answer(anna, "ändra 11: 17 november")
	w.clock(time.Minute)
	for _, o := range w.fresh(anna) {
		if o.Kind == MessageReminder {
			t.Error("the reporter is reminded between two answers")
		}
	}
	if !slices.ContainsFunc(w.fresh(kim), func(o Outbound) bool { return o.Kind == MessageReminder || o.Kind == MessageReview }) {
		t.Error("nobody is reminded")
	}
}

func TestStockholmDeadlines(t *testing.T) {
	for _, c := range []struct{ aware, want string }{
		{"2026-11-24T14:30:00+01:00", "2026-11-27T14:30:00+01:00"},
		{"2026-11-20T16:45:00+01:00", "2026-11-23T16:45:00+01:00"},
		{"2026-04-02T10:15:00+02:00", "2026-04-05T10:15:00+02:00"},
		{"2026-12-23T11:40:00+01:00", "2026-12-26T11:40:00+01:00"},
		{"2026-06-18T15:05:00+02:00", "2026-06-21T15:05:00+02:00"},
		{"2026-10-23T09:10:00+02:00", "2026-10-26T08:10:00+01:00"},
		{"2027-03-25T16:20:00+01:00", "2027-03-28T17:20:00+02:00"},
	} {
		aware, err := time.Parse(time.RFC3339, c.aware)
		if err != nil {
			t.Fatal(err)
		}
		if got := Deadline(aware, 72*time.Hour).In(Stockholm()).Format(time.RFC3339); got != c.want {
			t.Errorf("aware %s: deadline %s, want %s", c.aware, got, c.want)
		}
	}
}
