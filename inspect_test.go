package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frist/mail"
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
		`"bounce":false,"attachments":[{"name":"lista.csv","type":"text/csv","size":3}],"problem":"","why":{"sender":{"mode":"results","assumed":true,"ok":false,"reason":"no_results","domain":"provkoping.example"},` +
		`"doubtful":true,"text_lines":2,"reply_lines":1,"cut_lines":1}}` + "\n"
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

// why is what inspect tells of the reasons.
func why(t *testing.T, args ...string) mail.InspectWhy {
	t.Helper()
	r := call(t, "", append([]string{"inspect", "mail"}, args...)...)
	var o struct{ Why *mail.InspectWhy }
	if err := json.Unmarshal([]byte(r.out), &o); err != nil || o.Why == nil || r.code != 0 {
		t.Fatalf("got %+v, %v", r, err)
	}
	return *o.Why
}

func TestInspectMailWhy(t *testing.T) {
	dir := t.TempDir()
	const results = "Authentication-Results: mx.provkoping.example;\r\n dkim=pass header.d=provkoping.example\r\n"
	const head = "Delivered-To: frist+abc@provkoping.example\r\n" + results +
		"Authentication-Results: filter.annat.example; dmarc=fail header.from=provkoping.example\r\nFrom: Ines Prov <ines.prov@provkoping.example>\r\n" +
		"To: Chef <chef+annat@provkoping.example>, frist@provkoping.example\r\nSubject: Sv\r\nMessage-ID: <svar@k>\r\nIn-Reply-To: <fraga@provkoping.example>\r\n"
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	answer := write("svar.eml", head+"\r\nTvå pärmar.\r\n\r\n> Vad\r\n> försvann?\r\n")

	got := why(t, answer)
	want := mail.InspectWhy{Sender: mail.InspectSender{Mode: "results (mx.provkoping.example)", Assumed: true, OK: true, Reason: "dkim", Domain: "provkoping.example",
		By: "Authentication-Results: mx.provkoping.example; dkim=pass header.d=provkoping.example"},
		Token: "annat", TokenIn: "To", InReplyTo: []string{"fraga@provkoping.example"}, TextLines: 3, ReplyLines: 1, CutLines: 2,
		Doubtful: true} // nothing says whose the marked lines are
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("without settings:\n%s", diff)
	}

	if r := call(t, "", "inspect", "mail", answer); !strings.Contains(r.out, `"problem":"","authserv_ids":["mx.provkoping.example","filter.annat.example"],"why":`) {
		t.Errorf("got %s", r.out)
	}

	got = why(t, "-config", sampleFile(t), answer)
	want.Sender.Assumed, want.Token, want.TokenIn, want.Taken = false, "abc", "Delivered-To", "in"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with settings:\n%s", diff)
	}

	for name, c := range map[string]struct {
		text, change           string
		reason, taken, because string
	}{
		"another server":  {head, "authserv_id: mx.annan.example", "no_results", "unverified", ""},
		"another domain":  {head, "allowed_domains: [annat.example]", "dkim", "known_only", ""},
		"a program":       {"Auto-Submitted: auto-replied\r\n" + head, "", "dkim", "aside", "auto_submitted"},
		"the bot itself":  {strings.Replace(head, "ines.prov@", "frist@", 1), "", "dkim", "aside", "own_mail"},
		"a trial's reply": {head + "References: <check-abcdefgh22334455@provkoping.example>\r\n", "", "dkim", "aside", "check"},
		"own, unsigned":   {head, "authentication: own", "no_signature", "unverified", ""},
		"exchange":        {head, "authentication: exchange\n  exchange_tenant_id: 00000000-0000-0000-0000-000000000002", "no_exchange_marks", "unverified", ""},
	} {
		var changes []string
		if key, _, ok := strings.Cut(c.change, ":"); ok {
			old := map[string]string{"authserv_id": "authserv_id: mx.provkoping.example", "authentication": "authserv_id: mx.provkoping.example",
				"allowed_domains": "allowed_domains: [provkoping.example]"}[key]
			changes = []string{old, c.change}
		}
		w := why(t, "-config", sampleFile(t, changes...), write("x.eml", c.text+"\r\nhej\r\n"))
		if w.Sender.Reason != c.reason || w.Taken != c.taken || w.Automatic != c.because {
			t.Errorf("%s: %+v", name, w)
		}
	}
	call(t, "", "inspect", "mail", "-config", filepath.Join(dir, "saknas.yaml"), answer).sentence(t, 1, "-config")
}

// -h names every key and reason that inspect prints.
func TestInspectMailHelp(t *testing.T) {
	help := call(t, "", "inspect", "mail", "-h").out
	for _, typ := range []any{mail.InspectResult{}, mail.InspectWhy{}, mail.InspectSender{}} {
		v := reflect.TypeOf(typ)
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(help, name) {
				t.Errorf("%s is not explained", name)
			}
		}
	}
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

func TestInspectFile(t *testing.T) {
	dir := t.TempDir()
	list, mail := filepath.Join(dir, "lista.pdf"), filepath.Join(dir, "m.eml")
	for name, content := range map[string]string{list: peopleTable(3), mail: "Date: Wed, 11 Nov 2026 15:40:00 +0100\nTo: fel@elsewhere.example\n\nHej\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, fault bytes.Buffer
	code := run(env{ctx: t.Context(), in: strings.NewReader(""), out: &out, err: &fault}, []string{"inspect", "file", list, filepath.Join(dir, "saknas"), mail})
	if code != 1 || !strings.Contains(fault.String(), "1 of 3 files could not be read") {
		t.Errorf("exit %d, %s", code, fault.String())
	}
	has(t, "the output", out.String(), `"name":"lista.pdf","type":"text/plain"`, `"mismatch":true`, `"personnummer":3`, `"problem":"unreadable: `, `"recipients":1`, `"domains":["elsewhere.example"]`, `"sent":"2026-11-11T15:40:00+01:00"`)
	if strings.Contains(out.String(), "Efternamn") {
		t.Error("the content is shown")
	}
}
