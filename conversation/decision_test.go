package conversation

import (
	"slices"
	"strings"
	"testing"
)

func TestApprovalRefused(t *testing.T) {
	prepared := func(t *testing.T) (*world, Outbound) {
		w := newWorld(t)
		w.reportAll()
		w.answer(anna, "klar")
		w.answer(kim, "15: 1\n28: 1\n29: 3\n33: nej\n35: 1\n36: nej\n37: hoppa över\n4: K 1")
		return w, w.last(kim)
	}
	for _, c := range []struct {
		name, event string
		say         func(w *world, review Outbound) said
	}{
		{"reporter", "decision_refused", func(w *world, r Outbound) said { return said{From: anna, Text: "godkänn", Token: w.last(anna).Token} }},
		{"reporter with the DSO's token", "decision_refused not_decider", func(w *world, r Outbound) said { return said{From: anna, Text: "godkänn", Token: r.Token} }},
		{"colleague", "note", func(w *world, r Outbound) said {
			return said{From: "eva@exempelstad.example", Text: "godkänn", Token: r.Token}
		}},
		{"forged", "stranger unauthenticated", func(w *world, r Outbound) said {
			return said{From: kim, Anonymous: true, Text: "godkänn", Token: r.Token}
		}},
		{"automatic", "automatic", func(w *world, r Outbound) said {
			return said{From: kim, Automatic: "auto_submitted", Text: "godkänn", Token: r.Token}
		}},
		{"not in reply", "decision_refused not_in_reply", func(w *world, r Outbound) said { return said{From: kim, Text: "godkänn"} }},
		{"to the alert", "decision_refused not_in_reply_to_review", func(w *world, r Outbound) said {
			return said{From: kim, Text: "godkänn", Token: w.to(kim)[0].Token}
		}},
		{"old version", "decision_refused old_version", func(w *world, r Outbound) said {
			for _, o := range w.to(kim) {
				if o.Kind == MessageReview {
					return said{From: kim, Text: "godkänn", Token: o.Token}
				}
			}
			return said{}
		}},
		{"on-call", "decision_refused not_decider", func(w *world, r Outbound) said {
			return said{From: sam, Text: "godkänn PUI-2026-0001", Token: r.Token}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, review := prepared(t)
			s := c.say(w, review)
			s.Text = strings.TrimSuffix(s.Text, " PUI-2026-0001")
			w.say(s)
			if in := w.incident(); in.Decision != nil {
				t.Fatalf("it counted: %+v", in.Decision)
			}
			if !strings.Contains(w.events(), c.event) {
				t.Errorf("log %s, want %s", w.events(), c.event)
			}
		})
	}
}

// Who approves before there is anything to approve is not sent looking for it.
func TestApprovalBeforeTheReview(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(kim, "godkänn")
	w.wantKey(w.last(kim), TextNotReady)
	if in := w.incident(); in.Decision != nil || !strings.Contains(w.events(), "decision_refused not_ready") {
		t.Errorf("decision %+v, log %s", in.Decision, w.events())
	}
}

func TestChangeVoidsApproval(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.answer(anna, "klar")
	w.answer(kim, "4: K 1\n15: 1\n28: 1\n29: 3\n33: nej\n35: 1\n36: nej\n37: hoppa över")
	w.answer(kim, "godkänn")
	if w.incident().Status != StatusApproved {
		t.Fatalf("not approved: %v", keys(w.last(kim)))
	}
	// Without the new answer the question is put again, also to somebody who has finished.
	w.answer(anna, "ändra 23")
	w.wantAsked(anna, "23")
	w.answer(anna, "klar")
	// The reporter's later change is a proposal, and voids nothing until it is taken in.
	w.answer(anna, "ändra 23: 15")
	if in := w.incident(); in.Status != StatusApproved || *in.Answers["23"].Value.Exact != 12 || len(in.Proposals) != 1 {
		t.Fatalf("a proposal changed something: %s %+v", in.Status, in.Proposals)
	}
	w.answer(kim, "23: ta med")
	in := w.incident()
	if in.Status != StatusInReview || in.Decision != nil || *in.Answers["23"].Value.Exact != 15 {
		t.Fatalf("status %s, decision %v", in.Status, in.Decision)
	}
	if o := w.last(kim); o.Kind != MessageReview {
		t.Errorf("no new version: %s", o.Kind)
	}
	w.wantKey(w.last(anna), TextProposalTaken)
}

func TestReturnAndNotNotifiable(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.answer(anna, "klar")
	w.answer(kim, "returnera: Skriv hur många som fick mejlet.")
	if in := w.incident(); in.Status != StatusReported || in.Decision.Outcome != OutcomeReturn {
		t.Fatalf("status %s", in.Status)
	}
	o := w.last(anna)
	w.wantKey(o, TextToldReturned)
	w.answer(anna, "ändra 23: 14")
	if *w.incident().Answers["23"].Value.Exact != 14 {
		t.Error("after a return the reporter may not change")
	}
	w.answer(anna, "klar")
	w.answer(kim, "inte anmälningspliktig:")
	w.wantKey(w.last(kim), TextReasonMissing)
	for _, o := range slices.Backward(w.to(kim)) {
		if o.Kind == MessageReview {
			w.say(said{From: kim, Text: "Inte anmälningspliktig: mottagaren raderade mejlet oläst.", Token: o.Token})
			break
		}
	}
	if in := w.incident(); in.Status != StatusNotNotifiable || !strings.Contains(in.Decision.Reason, "oläst") {
		t.Fatalf("status %s %v", in.Status, keys(w.last(kim)))
	}
}
