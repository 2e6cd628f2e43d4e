package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"frist/config"
	"frist/mail"
	"frist/mail/mailtest"
	"frist/templates"
)

const (
	checkedBot = "frist@provkoping.example"
	checkAdmin = "drift@provkoping.example"
)

// trialRun is a check of the answer against the embedded mail servers, with an administrator who does as the test says.
type trialRun struct {
	t    *testing.T
	post *mailtest.Server
	cfg  *config.Config
	wait time.Duration
	late bool // the check begins to look only when the administrator has answered
}

func newTrial(t *testing.T, o mailtest.Options) *trialRun {
	t.Helper()
	o.Accounts = map[string]string{checkedBot: samplePassword, checkAdmin: samplePassword}
	post, err := mailtest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { post.Close() })
	cfg, err := config.Load(sampleFile(t, sampleIMAP, served(sampleIMAP, post.IMAP), sampleSMTP, served(sampleSMTP, post.SubmissionTLS)))
	if err != nil {
		t.Fatal(err)
	}
	return &trialRun{t: t, post: post, cfg: cfg, wait: time.Minute}
}

// run sends the trial mail; answer is what the administrator does when it has come. It returns what was printed, and the result.
func (r *trialRun) run(ctx context.Context, answer func(*mail.Message)) (string, error) {
	r.t.Helper()
	words, err := templates.Load("")
	if err != nil {
		r.t.Fatal(err)
	}
	done := make(chan struct{})
	b := &heldWriter{}
	if r.late {
		b.until = done
	}
	k := &checker{out: b, roots: r.post.RootCAs(), cfg: r.cfg, wait: r.wait, every: 20 * time.Millisecond, verifier: mail.NewVerifier()}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(done)
		raw, err := r.post.WaitFor(ctx, r.cfg.Administrator.Email, func(raw []byte) bool { return bytes.Contains(raw, []byte("[check-")) })
		if err == nil && answer != nil {
			answer(mail.Parse(raw))
		}
	}()
	k.checkAnswer(ctx, words)
	cancel()
	<-done
	return b.String(), k.result()
}

// heldWriter holds up the line that says that an answer is waited for.
type heldWriter struct {
	bytes.Buffer
	until <-chan struct{} // nil: it does not
}

func (w *heldWriter) Write(p []byte) (int, error) {
	if w.until != nil && bytes.HasPrefix(p, []byte("wait answer: reply")) {
		<-w.until
	}
	return w.Buffer.Write(p)
}

// checkReply is an answer as a mail program writes it.
func checkReply(to, subject string, header ...string) []byte {
	return []byte("From: <" + checkAdmin + ">\r\nTo: <" + to + ">\r\nSubject: " + subject + "\r\nMessage-ID: <svar@klient.example>\r\n" + strings.Join(header, "") + "\r\nok\r\n")
}

func refers(q *mail.Message) string {
	return "In-Reply-To: <" + q.MessageID + ">\r\nReferences: <" + q.MessageID + ">\r\n"
}

// send hands a mail in: with the administrator's login, or as anyone in the world can.
func (r *trialRun) send(login bool, to string, raw []byte) {
	c := mail.SMTPConfig{Addr: r.post.MX, TLS: mail.TLSNone}
	if login {
		c = mail.SMTPConfig{Addr: r.post.SubmissionTLS, TLS: mail.TLSImplicit, RootCAs: r.post.RootCAs(), Username: checkAdmin,
			Password: func() (string, error) { return samplePassword, nil }}
	}
	if err := mail.NewSender(c).Send(r.t.Context(), checkAdmin, []string{to}, raw); err != nil {
		r.t.Error(err)
	}
}

// printed wants each text in what was printed.
func printed(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(out, s) {
			t.Errorf("%q is not in:\n%s", s, out)
		}
	}
}

func TestCheckAnswer(t *testing.T) {
	r := newTrial(t, mailtest.Options{})
	other := []byte("From: a@provkoping.example\r\nSubject: hej\r\n\r\nhej\r\n")
	if err := r.post.Deliver("a@provkoping.example", checkedBot, other, reportedAt); err != nil {
		t.Fatal(err)
	}
	out, err := r.run(t.Context(), func(q *mail.Message) {
		if !regexp.MustCompile(`^frist\+check-[a-z2-7]{16}@provkoping\.example$`).MatchString(q.ReplyTo[0].Addr) || !strings.Contains(q.Text, "skriv ok") {
			t.Errorf("the mail asks for an answer to %v: %s", q.ReplyTo, q.Text)
		}
		r.send(true, checkedBot, other)
		r.send(true, q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Sv: "+q.Subject, refers(q)))
	})
	if err != nil {
		t.Errorf("%v", err)
	}
	printed(t, out, "ok sent: a mail with [check-", "wait answer: reply to it and write ok; waiting for at most 1m0s", "ok answer: came after ",
		"ok servers: Authentication-Results are by mx.provkoping.example, the topmost\n",
		"ok verdict: with results (mx.provkoping.example) the answer is believed to be from provkoping.example, by login\n",
		"ok modes: results (mx.provkoping.example): yes, by login · own: no, no_signature\n", "ok token: the part after the + came back, in To and Delivered-To\n",
		"ok references: ", "ok subject: was kept\n", "ok settings: those for mail can stay as they are\n")
	for box, want := range map[string]int{"INBOX": 2, "Frist/Handled": 1, "Frist/Failed": 0} {
		if n, err := r.post.Count(checkedBot, box); n != want || err != nil {
			t.Errorf("%s holds %d, %v; want %d", box, n, err, want)
		}
	}
}

func TestCheckAnswerFindsTheSetting(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*config.Mail)
		answer func(*trialRun, *mail.Message)
		want   []string
		faults string
	}{
		"token lost": {nil, func(r *trialRun, q *mail.Message) {
			r.send(true, checkedBot, checkReply(checkedBot, "Re: "+q.Subject, refers(q)))
		}, []string{"fault token: the part after the + was lost on the way → plus_addressing: false\n", "ok references: the answer names", "write below mail: plus_addressing: false\n"}, "one fault"},
		"everything lost": {nil, func(r *trialRun, q *mail.Message) {
			r.send(true, checkedBot, checkReply(checkedBot, "Re: "+q.Subject))
		}, []string{"fault token: ", "fault references: the answer does not name the mail", "ok subject: was kept"}, "2 faults"},
		"another subject": {nil, func(r *trialRun, q *mail.Message) {
			r.send(true, q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Hej"))
		}, []string{"ok token: ", "the part after the + does it alone", "ok subject: was changed"}, ""},
		"unauthenticated": {nil, func(r *trialRun, q *mail.Message) {
			r.send(false, q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Sv: "+q.Subject, refers(q)))
		}, []string{"fault verdict: with results (mx.provkoping.example) the answer is not believed: dmarc_failed; let the mail server check", " → mail.authentication\n"}, "one fault"},
		"wrong authserv_id": {func(m *config.Mail) { m.AuthservID = "gissning.example" }, func(r *trialRun, q *mail.Message) {
			r.send(true, q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Sv: "+q.Subject, refers(q)))
		}, []string{"fault verdict: with results (gissning.example) the answer is not believed: no_results → authentication: results, authserv_id: mx.provkoping.example\n",
			"write below mail: authentication: results; authserv_id: mx.provkoping.example\n"}, "one fault"},
		"forged results": {func(m *config.Mail) { m.AuthservID = "gissning.example" }, func(r *trialRun, q *mail.Message) {
			r.send(false, q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Sv", "Authentication-Results: mx.angripare.example; dmarc=pass header.from=provkoping.example\r\n"))
		}, []string{"Authentication-Results are by mx.provkoping.example, the topmost; further down by mx.angripare.example\n", "→ mail.authentication\n"}, "one fault"},
		"in Exchange": {func(m *config.Mail) { m.AuthservID = "gissning.example" }, func(r *trialRun, q *mail.Message) {
			const id = "00000000-0000-0000-0000-0000000000aa"
			r.send(false, q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Sv", "X-MS-Exchange-Organization-AuthAs: Internal\r\nX-MS-Exchange-Organization-AuthSource: a\r\n",
				"X-MS-Exchange-CrossTenant-AuthAs: Internal\r\nX-MS-Exchange-CrossTenant-Id: "+id+"\r\n"))
		}, []string{" → authentication: exchange, exchange_tenant_id: 00000000-0000-0000-0000-0000000000aa\n", "ok trust: make sure that no connector keeps"}, "one fault"},
		"no plus addressing": {func(m *config.Mail) { m.PlusAddressing = false }, func(r *trialRun, q *mail.Message) {
			r.send(true, q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Sv: "+q.Subject, refers(q)))
		}, []string{"ok token: not tried, as mail.plus_addressing is false\n", "ok references: "}, ""},
		"an absence first": {nil, func(r *trialRun, q *mail.Message) {
			r.send(true, q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Autosvar", "Auto-Submitted: auto-replied\r\n", refers(q)))
			r.send(true, q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Sv: "+q.Subject, "X-B: 1\r\n", refers(q)))
		}, []string{"wait answer: an automatic answer came (auto_submitted); still waiting for a person's\n", "ok answer: came after"}, ""},
		"bounced": {nil, func(r *trialRun, q *mail.Message) {
			r.send(false, q.ReplyTo[0].Addr, bouncedCheck(q))
		}, []string{"fault answer: the mail came back: it could not be delivered to the administrator → administrator.email\n"}, "one fault"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newTrial(t, mailtest.Options{})
			if c.change != nil {
				c.change(&r.cfg.Mail)
			}
			out, err := r.run(t.Context(), func(q *mail.Message) { c.answer(r, q) })
			if (err != nil) != (c.faults != "") || err != nil && !strings.HasPrefix(err.Error(), c.faults) {
				t.Errorf("got %v, want %q", err, c.faults)
			}
			printed(t, out, c.want...)
			if strings.Contains(out, samplePassword) {
				t.Error("a secret was printed")
			}
		})
	}
}

func bouncedCheck(q *mail.Message) []byte {
	return fmt.Appendf(nil, "From: MAILER-DAEMON@provkoping.example\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=g\r\n\r\n--g\r\n\r\nThe mail could not be delivered.\r\n"+
		"--g\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.provkoping.example\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"+
		"--g\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <%s>\r\nSubject: %s\r\n\r\ntext\r\n--g--\r\n", checkedBot, checkAdmin, q.MessageID, q.Subject)
}

func TestCheckAnswerNone(t *testing.T) {
	r := newTrial(t, mailtest.Options{})
	r.wait = 500 * time.Millisecond
	out, err := r.run(t.Context(), nil)
	if err == nil || err.Error() != "one fault was found" {
		t.Errorf("got %v", err)
	}
	printed(t, out, "fault answer: no answer came in 500ms; look whether the mail arrived at all", " → mail.address, mail.imap.mailbox, mail.plus_addressing\n")

	r = newTrial(t, mailtest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, err = r.run(ctx, func(*mail.Message) { cancel() })
	if err == nil {
		t.Error("stopped, and no fault")
	}
	printed(t, out, "fault answer: stopped before an answer came\n")
}

func TestCheckAnswerWithoutSMTPAuth(t *testing.T) {
	r := newTrial(t, mailtest.Options{NoAuth: true})
	out, err := r.run(t.Context(), nil)
	if err == nil {
		t.Error("no fault")
	}
	printed(t, out, "fault sent: smtp: auth: ", "SMTP AUTH is off for this mailbox: switch it on", " → mail.smtp.username, mail.smtp.password\n")
	if strings.Contains(out, "wait answer") {
		t.Error("it waits for the answer to a mail that was not sent")
	}
}

// A bot that runs meanwhile takes the answer first, sets it aside, and the check finds it where handled mail lies: whatever of the marks the
// administrator's mail program has kept, it is no report.
func TestCheckAnswerBesideARunningBot(t *testing.T) {
	for name, answer := range map[string]func(q *mail.Message) (to string, raw []byte){
		"token": func(q *mail.Message) (string, []byte) {
			return q.ReplyTo[0].Addr, checkReply(q.ReplyTo[0].Addr, "Hej")
		},
		"references": func(q *mail.Message) (string, []byte) { return frist, checkReply(frist, "Hej", refers(q)) },
		"subject":    func(q *mail.Message) (string, []byte) { return frist, checkReply(frist, "Sv: "+q.Subject) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			w.cfg.Administrator.Email = eve
			r := &trialRun{t: t, post: w.embedded.post, cfg: w.cfg, wait: time.Minute, late: true}
			out, _ := r.run(t.Context(), func(q *mail.Message) {
				to, raw := answer(q)
				if err := w.embedded.submit(t.Context(), eve, to, bytes.Replace(raw, []byte(checkAdmin), []byte(eve), 1)); err != nil {
					t.Error(err)
				}
				w.quiet()
			})
			printed(t, out, "ok answer: came after ", "ok verdict: ")
			if n := w.incidents(); n != 0 {
				t.Errorf("%d incidents", n)
			}
			if n := len(w.embedded.post.Mails(eve)); n != 1 {
				t.Errorf("the administrator got %d mails, want the trial alone", n)
			}
			if !strings.Contains(w.log.String(), "detail=check") {
				t.Error("the bot does not say that it set the answer aside")
			}
			if n, err := w.embedded.post.Count(frist, "Frist/Handled"); n != 1 || err != nil {
				t.Errorf("%d mails are handled, %v", n, err)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	for text, want := range map[string]string{
		"login: imap: NO User is authenticated but not connected.":     "IMAP is off for this mailbox",
		"login: server offers neither AUTH=PLAIN nor LOGIN":            "takes no password",
		"login: imap: NO [AUTHENTICATIONFAILED] authentication failed": "",
	} {
		if got := explainIMAP(errors.New(text)).Error(); !strings.HasPrefix(got, text) || !strings.Contains(got, want) || want == "" && got != text {
			t.Errorf("%q is told as %q", text, got)
		}
	}
	for text, want := range map[string]string{
		"smtp: auth: SMTP error 535: 5.7.139 Authentication unsuccessful": "SMTP AUTH is off",
		"smtp: rcpt: SMTP error 550: 5.1.1 no such user":                  "",
	} {
		if got := explainSMTP(errors.New(text)).Error(); !strings.HasPrefix(got, text) || !strings.Contains(got, want) || want == "" && got != text {
			t.Errorf("%q is told as %q", text, got)
		}
	}
}
