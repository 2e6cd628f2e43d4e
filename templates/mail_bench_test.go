package templates

import (
	"testing"

	"frist/conversation"
)

// What the data protection officer is sent with each report: the alert, and the version for review.
func BenchmarkMail(b *testing.B) {
	c, err := Load("testdata/forms")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"alert", "review"} {
		b.Run(name, func(b *testing.B) {
			out := samples(c, conversation.Swedish)[name]
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Mail(out, MailContext{ReplyAddress: "frist+abc@provkoping.example", BotName: "Frist"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
