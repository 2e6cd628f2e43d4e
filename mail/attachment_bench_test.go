package mail

import (
	"fmt"
	"strings"
	"testing"

	"frist/conversation/attachment"
)

// BenchmarkFiles reads one attached file, as in a turn.
func BenchmarkFiles(b *testing.B) {
	rows := make([][]string, 20_000)
	var text strings.Builder
	for i := range rows {
		rows[i] = []string{fmt.Sprintf("Namn Namnsson %d", i), "#198507099805", "Storgatan 12", "#070123456"}
		fmt.Fprintf(&text, "Namn Namnsson;850709-9805;n%d@hem.example;Storgatan 12\n", i)
	}
	for name, mail := range map[string][]byte{
		"csv":  attached([3]string{"a.csv", "text/csv", text.String()}),
		"xlsx": attached([3]string{"a.xlsx", "application/zip", workbook(rows)}),
		"pdf":  attached([3]string{"a.pdf", "application/pdf", "%PDF-1.4" + strings.Repeat("/Type /Page x", 200_000)}),
	} {
		m := Parse(mail)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(mail)))
			b.ReportAllocs()
			for b.Loop() {
				readFiles(m, attachment.Rules{}, nil)
			}
		})
	}
}
