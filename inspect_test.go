package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sampleMail = "From: Ines Prov <ines.prov@provkoping.example>\r\nTo: frist@provkoping.example\r\nSubject: =?utf-8?q?Sv=3A_Fr=C3=A5ga_16?=\r\n" +
	"Message-ID: <svar-1@provkoping.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=grans\r\n\r\n" +
	"--grans\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nEn pärm < 20 sidor & ett kvitto.\r\n\r\n> Vad försvann?\r\n" +
	"--grans\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=lista.csv\r\n\r\na;b\r\n--grans--\r\n"

func TestInspectMail(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, data := range map[string]string{"a, <b>.eml": sampleMail, "tom.eml": ""} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := call(t, "", "inspect", "mail", "a, <b>.eml", "saknas.eml", ".", "tom.eml")
	r.sentence(t, 1, "2 of 4 files could not be read")
	lines := strings.SplitAfter(r.out, "\n")
	want := `{"file":"a, <b>.eml","message_id":"svar-1@provkoping.example","from":"ines.prov@provkoping.example","subject":"Sv: Fråga 16",` +
		`"text":"En pärm < 20 sidor & ett kvitto.\n\n> Vad försvann?","reply":"En pärm < 20 sidor & ett kvitto.","auto_reply":false,` +
		`"bounce":false,"attachments":[{"name":"lista.csv","type":"text/csv","size":3}],"problem":""}` + "\n"
	if len(lines) != 5 || lines[0] != want {
		t.Fatalf("got %q\nwant %q first", lines, want)
	}
	for i, name := range []string{"saknas.eml", ".", "tom.eml"} {
		var o struct {
			File, Problem string
			Attachments   []any
		}
		err := json.Unmarshal([]byte(lines[i+1]), &o)
		if err != nil || o.File != name || o.Problem == "" || o.Attachments == nil || strings.Contains(o.Problem, dir) {
			t.Errorf("got %s, %v", lines[i+1], err)
		}
	}
	if r := call(t, "", "inspect", "mail", "a, <b>.eml", "tom.eml"); r.code != 0 || r.err != "" {
		t.Errorf("a mail that was read is no failure, whatever its problem: %+v", r)
	}
	call(t, "", "inspect", "mail").sentence(t, 2, "file")
}

func TestInspectMailTooLarge(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large.eml")
	if err := os.WriteFile(name, []byte("Subject: stor\n\nhej\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, maxMailFile+10); err != nil {
		t.Fatal(err)
	}
	if r := call(t, "", "inspect", "mail", name); !strings.Contains(r.out, `"problem":"too_large: `) {
		t.Errorf("got %.300q", r.out)
	}
}

func TestInspectAnswerDate(t *testing.T) {
	for _, c := range []struct {
		args, in, want string
	}{
		{"-lang sv -now 2026-03-03T10:12:00", "i går\n", `{"text":"i går","understood":true,"start":"2026-03-02","end":"2026-03-03","grain":"day","read_back":"måndag 2 mars 2026"}`},
		{"-lang en -now 2026-03-03T09:12:00Z", "today at 8:15 am\r\n", `{"text":"today at 8:15 am","understood":true,"start":"2026-03-03T08:15:00+01:00",` +
			`"end":"2026-03-03T08:16:00+01:00","grain":"minute","read_back":"Tuesday 3 March 2026 at 08:15"}`},
		{"-now 2026-03-03", "<lite> senare & så", `{"text":"<lite> senare & så","understood":false,"start":"","end":"","grain":"","read_back":""}`},
		{"-now 2026-07-01T12:00", "fredag\n", `{"text":"fredag","understood":true,"start":"2026-06-26","end":"2026-06-27","grain":"day","read_back":"fredag 26 juni 2026"}`},
		{"-now 2026-07-01T12:00 -direction future", "fredag\n", `{"text":"fredag","understood":true,"start":"2026-07-03","end":"2026-07-04","grain":"day","read_back":"fredag 3 juli 2026"}`},
	} {
		args := append([]string{"inspect", "answer", "-kind", "date"}, strings.Fields(c.args)...)
		if r := call(t, c.in, args...); r.code != 0 || r.out != c.want+"\n" || r.err != "" {
			t.Errorf("%s: got %+v, want %s", c.args, r, c.want)
		}
	}
}

func TestInspectAnswerLines(t *testing.T) {
	args := []string{"inspect", "answer", "-kind", "date", "-now", "2026-03-03 10:12"}
	r := call(t, "\n\ni dag\n\nblå", args...)
	if lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n"); r.code != 0 || len(lines) != 5 || !strings.Contains(lines[2], `"start":"2026-03-03"`) {
		t.Errorf("got %+v", r)
	}
	if r := call(t, "", args...); r.code != 0 || r.out != "" {
		t.Errorf("no line gives no object: %+v", r)
	}
	call(t, strings.Repeat("å", maxPhrase), args...).sentence(t, 1, "read phrases from standard input")
}

func TestInspectAnswerOtherKinds(t *testing.T) {
	r := call(t, "tolv\n11 - 100\nca 40\n", "inspect", "answer", "-kind", "count", "-field", "23")
	want := `{"text":"tolv","understood":true,"exact":12}
{"text":"11 - 100","understood":true,"interval":"11 - 100"}
{"text":"ca 40","understood":false,"suggest":"11 - 100","problem":"count_about"}
`
	if r.code != 0 || r.out != want {
		t.Errorf("got %+v", r)
	}
	r = call(t, "ja\n", "inspect", "answer", "-kind", "choice", "-field", "36")
	if r.code != 0 || r.out != `{"text":"ja","understood":true,"listed":true,"choice":"Ja"}`+"\n" {
		t.Errorf("got %+v", r)
	}
}

func TestInspectAnswerUsage(t *testing.T) {
	for args, says := range map[string]string{
		"":                                 "kind",
		"-kind shoe":                       "shoe",
		"-kind date":                       "-now",
		"-kind date -now tisdag":           "tisdag",
		"-kind date -now 2026-02-30":       "2026-02-30",
		"-kind date -now 2026 -lang no":    "lang",
		"-kind date -now 2026 -field 23":   "-field",
		"-kind count":                      "-field",
		"-kind count -field 16":            "-field",
		"-kind choice -field 31 -now 2026": "-now",
	} {
		call(t, "", append([]string{"inspect", "answer"}, strings.Fields(args)...)...).sentence(t, 2, says)
	}
}
