package mail

import (
	"strconv"
	"strings"
	"testing"
)

// usualReplies are replies of one to three kilobytes such as people send.
func usualReplies() map[string]string {
	quoted := "> Hej Eva!\n>\n> Tack för din anmälan. Den har nummer PUI-2026-0001 och ditt ombud är\n> underrättat.\n>\n" +
		strings.Repeat("> [11] När upptäcktes det? Skriv dag och tid, till exempel 2 mars kl. 14.\n> Om du inte vet exakt räcker det med ungefär.\n>\n", 8) +
		"> Hälsningar\n> Incidentbot\n"
	below := strings.ReplaceAll(strings.ReplaceAll(quoted, "> ", ""), ">", "")
	return map[string]string{
		"gmail":    "I går kväll vid 21-tiden, när Bo ringde.\n\nMvh\nEva\n\nDen tis 3 mars 2026 kl 10:15 skrev Incidentbot <bot@kommun.example>:\n\n" + quoted,
		"outlook":  "Det var jag som skickade listan till fel adress. Jag märkte det på kvällen\nnär mottagaren ringde mig.\n\nMed vänlig hälsning\n\nEva Ek\nRegistrator\nTel: 040-12 34 56\n\n" + headerBlocks["sv new"] + "\n\n" + below,
		"inserted": "Se svar nedan.\n\nDen 2026-03-03 kl. 10:15, skrev Incidentbot:\n" + strings.ReplaceAll(quoted, "ungefär.\n>\n", "ungefär.\n\nVid tio på kvällen.\n\n"),
		"iphone":   "12 personer: alla i klassen.\nSkickat från min iPhone\n\n3 mars 2026 kl. 10:15 skrev Incidentbot <bot@kommun.example>:\n\n" + strings.ReplaceAll(quoted, "> ", "> > "),
	}
}

// BenchmarkReply parts the new text of usual replies.
func BenchmarkReply(b *testing.B) {
	for name, text := range usualReplies() {
		b.Run(name, func(b *testing.B) {
			lines := plainLines(text, nil)
			b.SetBytes(int64(len(text)))
			n := 0
			for b.Loop() {
				extract(lines, addressed{mine: func(addr string) bool { return addr == "bot@kommun.example" }, answers: true})
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "replies/s")
		})
	}
}

// BenchmarkParseReply reads the whole mails.
func BenchmarkParseReply(b *testing.B) {
	for name, text := range usualReplies() {
		b.Run(name, func(b *testing.B) {
			raw := []byte(replyHeader + text)
			b.SetBytes(int64(len(raw)))
			n := 0
			for b.Loop() {
				Parse(raw)
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}

// BenchmarkHostileReply extracts from a megabyte of what has cost other parsers time.
func BenchmarkHostileReply(b *testing.B) {
	for name, raw := range hostile(1 << 20) {
		b.Run(strings.ReplaceAll(name, " ", "_")+"_"+strconv.Itoa(len(raw)>>10)+"kB", func(b *testing.B) {
			for b.Loop() {
				Parse([]byte(raw))
			}
		})
	}
}
