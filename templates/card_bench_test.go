package templates

import (
	"testing"
	"time"

	"frist/conversation"
)

// BenchmarkCard makes the cards of an ordinary report in Teams, in Swedish, with the authority's form.
func BenchmarkCard(b *testing.B) {
	c, err := Load("")
	if err != nil {
		b.Fatal(err)
	}
	for name, out := range reported(c) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				cards, err := c.Cards(out)
				if err != nil {
					b.Fatal(err)
				}
				size = 0
				for _, card := range cards {
					size += len(card.JSON)
				}
			}
			b.ReportMetric(float64(size), "card-B")
		})
	}
}

// reported is what a reporter sees most of: advice, questions of several kinds, what they answered, and the check at the end.
func reported(c *Catalogue) map[string]conversation.Outbound {
	form := c.Form("imy")
	message := func(kind conversation.MessageKind, lines ...conversation.Line) conversation.Outbound {
		return conversation.Outbound{ID: "out1", Incident: "inc1", Person: "p1", Role: conversation.RoleReporter, Kind: kind, Lang: conversation.Swedish,
			At: instant("2026-11-20T15:41:00Z"), Form: form.ID, FormVersion: form.Version, Number: "PUI-2026-0007", Unit: "Parknämnden",
			Status: conversation.StatusReported, DeadlineAt: instant("2026-11-23T15:40:00Z"), Token: "k3v5q7abcdefghijklmnopqr", MessageID: "m1@parken.example",
			Done: 3, Total: 24, Lines: lines}
	}
	usual := []conversation.Choice{{Key: conversation.ButtonDontKnow, Reply: "vet inte"}, {Key: conversation.ButtonSkip, Reply: "hoppa över"},
		{Key: conversation.ButtonBack, Reply: "tillbaka"}, {Key: conversation.ButtonHelp, Reply: "hjälp"}}
	ask := func(field string) conversation.Outbound {
		o := message(conversation.MessageQuestion, line(conversation.TextSaved, "field", "16"))
		o.Question, o.Choices = &conversation.Prompt{Field: field}, usual
		return o
	}
	advice := message(conversation.MessageQuestion, line(conversation.TextReceipt, "number", "PUI-2026-0007"), line(conversation.TextReceiptKind, "kind", "misdirected"),
		line("step_misdirected_1"), line("step_misdirected_2"), line("step_misdirected_3"), line(conversation.TextStepsDone),
		line(conversation.TextReceiptAlerted, "name", "Kim Exempel"), line(conversation.TextReceiptEnough))
	advice.Question, advice.Choices = &conversation.Prompt{Field: "protected"}, usual[1:]
	answered := message(conversation.MessageAnswered)
	answered.DeadlineAt = time.Time{}
	answered.Question = &conversation.Prompt{Field: "16", Current: &conversation.Value{Text: "En lista med namn och telefonnummer gick till fel skola."}}
	check := message(conversation.MessageCheck, line(conversation.TextCheck))
	check.Document = document()
	check.Choices = []conversation.Choice{{Key: conversation.ButtonDone, Reply: "klar"}}
	return map[string]conversation.Outbound{"advice": advice, "ask-text": ask("16"), "ask-choice": ask("18"), "ask-choices": ask("25"), "ask-date": ask("10"),
		"answered": answered, "check": check}
}
