package mail

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"frist/conversation"
)

// fakeClamd answers each connection by what answer makes of the command and the bytes that followed it.
func fakeClamd(t *testing.T, answer func(conn net.Conn, command string, data []byte)) *Clamd {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				command, err := r.ReadString(0)
				if err != nil {
					return
				}
				var data []byte
				for command == "zINSTREAM\x00" {
					var size uint32
					if binary.Read(r, binary.BigEndian, &size) != nil {
						return
					}
					if size == 0 {
						break
					}
					chunk := make([]byte, size)
					if _, err := io.ReadFull(r, chunk); err != nil {
						return
					}
					data = append(data, chunk...)
				}
				answer(conn, command, data)
			}()
		}
	}()
	return &Clamd{Network: "tcp", Addr: l.Addr().String(), Timeout: 5 * time.Second}
}

func TestClamd(t *testing.T) {
	whole := strings.Repeat("abcdefgh", 30_000) // several chunks
	says := func(text string) *Clamd {
		return fakeClamd(t, func(c net.Conn, command string, data []byte) {
			if command == "zINSTREAM\x00" && string(data) != whole {
				text = "stream: other bytes came"
			}
			io.WriteString(c, text)
		})
	}
	for text, want := range map[string]string{"stream: OK\x00": "", "stream: Win.Test.X-1 FOUND\x00": "Win.Test.X-1", "stream: a\nb: c FOUND\x00": "a_b__c", "stream:  FOUND\x00": "unnamed"} {
		if got, err := says(text).Scan(t.Context(), []byte(whole)); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "stream: OK", "\x00", "OK\x00", "INSTREAM size limit exceeded. ERROR\x00", "stream: OK FOUND OK\x00", strings.Repeat("x", 10_000) + "\x00"} {
		got, err := says(text).Scan(t.Context(), []byte(whole))
		if se := (*ScanError)(nil); !errors.As(err, &se) || got != "" {
			t.Errorf("%.40q: %q, %v", text, got, err)
		}
	}
	if v, err := says("ClamAV 1.4.6/27000\x00").Version(t.Context()); err != nil || v != "ClamAV 1.4.6/27000" {
		t.Errorf("version %q, %v", v, err)
	}
	if _, err := says("UNKNOWN COMMAND\x00").Version(t.Context()); err == nil {
		t.Error("any answer is a version")
	}
	gone := &Clamd{Network: "unix", Addr: t.TempDir() + "/none"}
	if _, err := gone.Scan(t.Context(), nil); err == nil {
		t.Error("no daemon, and yet clean")
	}
	// One that never answers costs its time and no more.
	silent := fakeClamd(t, func(c net.Conn, _ string, _ []byte) { io.Copy(io.Discard, c) })
	silent.Timeout = 100 * time.Millisecond
	if _, err := silent.Scan(t.Context(), []byte("x")); err == nil {
		t.Error("silence is clean")
	}
	silent.Timeout = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := silent.Scan(ctx, []byte("x")); err == nil {
		t.Error("a scan that was given up is clean")
	}
}

// scanner says of each file what its table has for the content.
type scanner map[string]error

var errHarmful = errors.New("harmful")

func (s scanner) Scan(_ context.Context, data []byte) (string, error) {
	switch err := s[string(data)]; {
	case errors.Is(err, errHarmful):
		return "Test.Harmful-1", nil
	default:
		return "", err
	}
}

// read passes a mail through a channel with the scanner as it is taken in and read.
func scannedFiles(t *testing.T, c *Channel, raw []byte) []conversation.Attachment {
	t.Helper()
	in, err := c.Read(conversation.RawInbound{Channel: conversation.ChannelMail, Raw: c.Scanned(t.Context(), Parse(raw), raw)})
	if err != nil {
		t.Fatal(err)
	}
	return in.Attachments
}

func TestScanned(t *testing.T) {
	alarms := 0
	c := &Channel{Log: slog.New(slog.DiscardHandler), Alarm: func(context.Context, string, conversation.Line) error { alarms++; return nil }}
	raw := attached([3]string{"a.csv", "text/csv", "a;b\n1;2\n"}, [3]string{"b.csv", "text/csv", "harm"}, [3]string{"c.csv", "text/csv", "fail"}, [3]string{"d.csv", "text/csv", "x;y\n1;2\n"})
	refused := func(list []conversation.Attachment) (out []string) {
		for _, f := range list {
			out = append(out, f.Refused)
			if f.Refused != "" && (f.Content != nil || f.Rows != 0) {
				t.Errorf("%s was read although it is refused: %+v", f.Name, f.Facts)
			}
		}
		return out
	}
	is := func(what string, list []conversation.Attachment, want ...string) {
		t.Helper()
		if got := refused(list); strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	is("no scanner", scannedFiles(t, c, raw), "", "", "", "")

	c.Scanner = scanner{"harm": errHarmful, "fail": &ScanError{Answer: "stream: broken ERROR"}}
	list := scannedFiles(t, c, raw)
	is("one harmful, one failed", list, "", conversation.RefusedInfects, conversation.RefusedScan, "")
	if list[1].Infected != "Test.Harmful-1" || list[0].Rows == 0 || alarms != 1 {
		t.Errorf("%+v, %d alarms", list, alarms)
	}
	// The mail itself cannot say that it was scanned.
	forged := append([]byte("X-Frist-Scan: v1 ok ok ok ok\r\n"), raw...)
	is("forged", scannedFiles(t, c, forged), "", conversation.RefusedInfects, conversation.RefusedScan, "")
	for what, unseen := range map[string][]byte{"taken in without a scanner": (&Channel{}).Scanned(t.Context(), Parse(raw), raw), "never scanned": raw} {
		in, err := c.Read(conversation.RawInbound{Raw: unseen})
		if err != nil {
			t.Fatal(err)
		}
		is(what, in.Attachments, conversation.RefusedScan, conversation.RefusedScan, conversation.RefusedScan, conversation.RefusedScan)
	}
	// A daemon that is down is left alone for a while, and nothing is clean meanwhile.
	asked := 0
	c.Scanner = scanFunc(func() error { asked++; return &ScanError{Err: errors.New("connection refused")} })
	is("down", scannedFiles(t, c, raw), conversation.RefusedScan, conversation.RefusedScan, conversation.RefusedScan, conversation.RefusedScan)
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

type scanFunc func() error

func (f scanFunc) Scan(context.Context, []byte) (string, error) { return "", f() }
