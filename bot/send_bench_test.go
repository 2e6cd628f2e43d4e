package bot

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"strconv"
	"testing"
	"time"

	"frist/conversation"
	"frist/templates"
)

// BenchmarkSend makes cards and sends them over a kept connection to a connector on this machine that costs next to nothing.
func BenchmarkSend(b *testing.B) {
	words, err := templates.Load("")
	if err != nil {
		b.Fatal(err)
	}
	service := answering(b, `{"id":"1795312557716"}`)
	listen := "127.0.0.1:3978"
	bot, err := New(Config{Development: true, Listen: listen}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	c := &Channel{Words: words, Now: time.Now, Log: slog.New(slog.DiscardHandler), Connector: bot.Connector()}
	ref, err := json.Marshal(Reference{ServiceURL: service, ChannelID: "msteams", TenantID: testTenant, ConversationID: "a:1" + karin.ID[3:], BotID: "28:" + testApp,
		BotName: "Frist", UserID: karin.ID, UserName: karin.Name, Locale: "sv-SE"})
	if err != nil {
		b.Fatal(err)
	}
	form := words.Form("imy")
	out := conversation.Outbound{ID: "out1", Role: conversation.RoleReporter, Kind: conversation.MessageQuestion, Lang: conversation.Swedish, Form: form.ID,
		FormVersion: form.Version, Number: "PUI-2026-0007", DeadlineAt: time.Date(2026, 11, 23, 15, 40, 0, 0, time.UTC), Token: "k3v5q7abcdefghijklmnopqr", Done: 3, Total: 24,
		Lines:    []conversation.Line{{Key: conversation.TextSaved, Args: map[string]string{"field": "16"}}},
		Question: &conversation.Prompt{Field: "18"}, Choices: []conversation.Choice{{Key: conversation.ButtonSkip, Reply: "hoppa över"}, {Key: conversation.ButtonHelp, Reply: "hjälp"}}}
	asked := conversation.Delivery{Outbound: out, To: conversation.Address{Channel: conversation.ChannelTeams, Reference: string(ref)}}
	replaced := asked
	replaced.Shown, replaced.Outbound.Kind = "1795312557716", conversation.MessageAnswered
	replaced.Outbound.Question = &conversation.Prompt{Field: "16", Current: &conversation.Value{Text: "En lista med namn gick till fel skola."}}
	for name, d := range map[string]conversation.Delivery{"question": asked, "answered": replaced} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Send(b.Context(), d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// answering gives the address of a server that reads a request and answers it with the same body every time.
func answering(b *testing.B, body string) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	answer := []byte("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReaderSize(conn, 64<<10)
				for length := 0; ; {
					line, err := r.ReadSlice('\n')
					if err != nil {
						return
					}
					if name, value, ok := bytes.Cut(line, []byte(": ")); ok && string(name) == "Content-Length" {
						if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
							return
						}
					}
					if len(line) > 2 {
						continue
					}
					if _, err := io.CopyN(io.Discard, r, int64(length)); err != nil {
						return
					}
					if _, err := conn.Write(answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/"
}
