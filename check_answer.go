package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"frist/config"
	"frist/conversation"
	"frist/mail"
	"frist/templates"
)

// trial is a mail to the administrator whose answer tells how the organisation's mail treats answers.
type trial struct {
	*checker
	words  *templates.Catalogue
	code   mail.CheckCode
	plus   bool // the reply address has the code
	sentAt time.Time

	answer mail.CheckAnswer
	raw    []byte
	came   time.Time
	writes []string // settings to write
}

// checkAnswer sends a mail to the administrator, waits for the answer, and tells what it learns from it.
func (k *checker) checkAnswer(ctx context.Context, words *templates.Catalogue) {
	t := &trial{checker: k, words: words, code: mail.NewCheckCode(), plus: k.cfg.Mail.PlusAddressing}
	ctx, cancel := context.WithTimeout(ctx, k.wait)
	defer cancel()
	roots, err := k.rootCAs(k.cfg.Mail.IMAP.CAFile)
	if err != nil {
		k.fault("answer", err, "mail.imap.ca_file")
		return
	}
	r := mail.NewReader(k.imap(roots), slog.New(slog.DiscardHandler), nil)
	sent := false
	err = r.Await(ctx, k.every, func() error {
		if err := t.send(ctx); err != nil && ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			k.fault("sent", explainSMTP(err), mendSMTP(err, "mail.smtp"))
			return errUnsent
		}
		sent = true
		k.ok("sent", "a mail with %s in its subject went to %s", t.code.Subject(), k.cfg.Administrator.Email)
		k.line(fmt.Sprintf("wait answer: reply to it and write ok; waiting for at most %s (Ctrl-C stops)", k.wait))
		return nil
	}, t.wanted)
	switch {
	case errors.Is(err, errUnsent):
	case t.raw == nil && errors.Is(ctx.Err(), context.Canceled):
		k.fault("answer", errors.New("stopped before an answer came"), "")
	case t.raw == nil && sent && ctx.Err() != nil:
		t.unanswered()
	case err != nil && t.raw == nil:
		k.fault("answer", err, mendIMAP(err))
	default:
		if err != nil {
			k.fault("answer", fmt.Errorf("it was found, but could not be moved: %w", err), "mail.imap.handled")
		}
		t.tell(context.WithoutCancel(ctx))
	}
}

var errUnsent = errors.New("not sent")

// explainSMTP adds what an administrator of Exchange Online has to know: there, a login with a password is off unless it is switched on for
// the mailbox (https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission).
func explainSMTP(err error) error {
	if errors.Is(err, mail.ErrTokenRefused) && !strings.Contains(err.Error(), "SmtpClientAuthentication") {
		return fmt.Errorf("%w; a token was issued, but is not good for sending as this mailbox: grant the app that right (in Exchange Online: SMTP.SendAsApp, "+
			"or SMTP.Send for a token of a person's)", err)
	}
	text := err.Error()
	for _, mark := range []string{"5.7.139", "5.7.57", "SmtpClientAuthentication", "mechanism", "Unsupported authentication"} {
		if strings.Contains(text, mark) {
			return fmt.Errorf("%w; SMTP AUTH is off for this mailbox: switch it on (in Exchange Online: Set-CASMailbox -SmtpClientAuthenticationDisabled $false), "+
				"or use the login that the server takes", err)
		}
	}
	return err
}

// explainIMAP does the same for reading: a mailbox may be closed for IMAP, or for passwords.
func explainIMAP(err error) error {
	switch text := err.Error(); {
	case errors.Is(err, mail.ErrTokenRefused):
		return fmt.Errorf("%w; a token was issued, but does not open this mailbox: give the app the mailbox (in Exchange Online: IMAP.AccessAsApp, "+
			"New-ServicePrincipal and Add-MailboxPermission), and see that IMAP is on", err)
	case strings.Contains(text, "not connected"): // what Exchange says after a good login
		return fmt.Errorf("%w; IMAP is off for this mailbox: switch it on (in Exchange Online: Set-CASMailbox -ImapEnabled $true)", err)
	case strings.Contains(text, "neither AUTH=PLAIN nor LOGIN"):
		return fmt.Errorf("%w; the server takes no password: use the login that it takes", err)
	}
	return err
}

func (t *trial) send(ctx context.Context) error {
	m := t.cfg.Mail
	roots, err := t.rootCAs(m.SMTP.CAFile)
	if err != nil {
		return err
	}
	subject, text := t.words.CheckMail(conversation.Lang(t.cfg.Language), t.code.Subject())
	c := mail.Channel{Address: m.Address, PlusAddressing: t.plus}
	from := mail.Address{Name: m.Name, Addr: m.Address}
	raw, err := mail.Compose(mail.Draft{From: from, To: []mail.Address{{Addr: t.cfg.Administrator.Email}}, ReplyTo: mail.Address{Name: m.Name, Addr: c.ReplyAddress(string(t.code))},
		Subject: subject, Text: text, MessageID: t.code.MessageID(c.Domain()), Date: time.Now()})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	t.sentAt = time.Now()
	return mail.NewSender(t.smtp(roots)).Send(ctx, m.Address, []string{t.cfg.Administrator.Email}, raw)
}

// wanted takes the answer that a person wrote, or word that the mail could not be delivered; an automatic answer is told of.
func (t *trial) wanted(f mail.Fetched) bool {
	m := mail.Parse(f.Raw)
	a := t.code.Answers(m, t.cfg.Mail.Address)
	switch {
	case !a.Any():
		return false
	case a.Automatic != "" && !a.Bounce:
		t.line(fmt.Sprintf("wait answer: an automatic answer came (%s); still waiting for a person's", a.Automatic))
		return false
	}
	t.answer, t.raw, t.came = a, f.Raw, time.Now()
	return true
}

// unanswered tells that nothing came, and what may be the matter.
func (t *trial) unanswered() {
	why := "look whether the mail arrived at all, and whether the answer lies in another folder of " + t.cfg.Mail.Address
	mend := "mail.address, mail.imap.mailbox"
	if t.plus {
		why += "; if the answer came back as undeliverable, the server takes no mail to an address with a +"
		mend += ", mail.plus_addressing"
	}
	t.fault("answer", fmt.Errorf("no answer came in %s; %s", t.wait, why), mend)
}

// tell reports on the answer, a line for each thing.
func (t *trial) tell(ctx context.Context) {
	if t.answer.Bounce {
		t.fault("answer", errors.New("the mail came back: it could not be delivered to the administrator"), "administrator.email")
		return
	}
	t.ok("answer", "came after %d s", int(t.came.Sub(t.sentAt).Round(time.Second).Seconds()))
	if !strings.EqualFold(t.answer.From, t.cfg.Administrator.Email) {
		t.ok("from", "the answer is from %s, while the mail went to %s", t.answer.From, t.cfg.Administrator.Email)
	}
	m := mail.Parse(t.raw)
	t.tellServers(m)
	t.tellVerdict(ctx, m)
	t.tellWay()
	if len(t.writes) == 0 {
		t.ok("settings", "those for mail can stay as they are")
		return
	}
	t.line("write below mail: " + strings.Join(t.writes, "; "))
}

// tellServers lists whose Authentication-Results the answer has.
func (t *trial) tellServers(m *mail.Message) {
	ids := m.AuthservIDs()
	if len(ids) == 0 {
		t.ok("servers", "no server wrote Authentication-Results on the answer")
		return
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id
		if id == "" {
			names[i] = "(no name, as Exchange Online writes it)"
		}
	}
	text := "Authentication-Results are by " + names[0] + ", the topmost"
	if len(names) > 1 {
		text += "; further down by " + strings.Join(names[1:], ", ")
	}
	t.ok("servers", "%s", text)
}

// tellVerdict says whether the answer is believed by the settings as they are, and by what others would.
func (t *trial) tellVerdict(ctx context.Context, m *mail.Message) {
	present := trust(t.cfg.Mail)
	var better *mail.Trust
	var others []string
	for _, c := range t.candidates(m) {
		v, err := t.judge(ctx, c, m)
		word := "no, " + v.Reason
		switch {
		case err != nil:
			word = "not known, as the name server gives no answer"
		case v.OK:
			word = "yes, by " + v.Reason
			if better == nil {
				better = &c
			}
		}
		others = append(others, c.String()+": "+word)
	}
	v, err := t.judge(ctx, present, m)
	switch {
	case err != nil:
		t.fault("verdict", err, "")
	case v.OK:
		t.ok("verdict", "with %s the answer is believed to be from %s, by %s", present, v.Domain, v.Reason)
	case better != nil:
		t.fault("verdict", fmt.Errorf("with %s the answer is not believed: %s", present, v.Reason), strings.Join(trustSettings(*better), ", "))
		t.writes = append(t.writes, trustSettings(*better)...)
	default:
		t.fault("verdict", fmt.Errorf("with %s the answer is not believed: %s; let the mail server check incoming mail (DMARC, DKIM) and write Authentication-Results, "+
			"or sign outgoing mail with DKIM", present, v.Reason), "mail.authentication")
	}
	t.ok("modes", "%s", strings.Join(others, " · "))
	used := present
	if !v.OK && better != nil {
		used = *better
	}
	t.ok("trust", "%s", mustHold[used.Mode])
}

// mustHold is what the administrator has to see to in each mode, since the program cannot.
var mustHold = map[mail.TrustMode]string{
	mail.TrustResults:  "make sure that the server removes Authentication-Results with its own name from mail that comes from outside",
	mail.TrustExchange: "make sure that no connector keeps X-MS-Exchange-Organization headers on mail that comes from outside",
	mail.TrustOwn:      "make sure that all mail of your domains is signed with DKIM, also the mail that stays inside",
}

// candidates are the ways to tell who wrote a mail that fit what this one has. Of the servers only the topmost may be the organisation's.
func (t *trial) candidates(m *mail.Message) (list []mail.Trust) {
	if ids := m.AuthservIDs(); len(ids) > 0 && ids[0] != "" {
		list = append(list, mail.Trust{Mode: mail.TrustResults, AuthservID: ids[0]})
	}
	if id := m.ExchangeTenant(); id != "" && t.cfg.Mail.AtExchange() {
		list = append(list, mail.Trust{Mode: mail.TrustExchange, TenantID: id})
	}
	return append(list, mail.Trust{Mode: mail.TrustOwn})
}

// judge does our own check where a mail in the mailbox would have had it.
func (t *trial) judge(ctx context.Context, how mail.Trust, m *mail.Message) (mail.Verdict, error) {
	if how.Mode != mail.TrustOwn {
		return how.Judge(m), nil
	}
	return t.verifier.Verify(ctx, t.raw, t.came)
}

// trustSettings are the lines of the section mail that choose it.
func trustSettings(how mail.Trust) []string {
	lines := []string{"authentication: " + string(how.Mode)}
	switch how.Mode {
	case config.AuthResults:
		lines = append(lines, "authserv_id: "+how.AuthservID)
	case config.AuthExchange:
		lines = append(lines, "exchange_tenant_id: "+how.TenantID)
	}
	return lines
}

// tellWay says by what an answer finds its question.
func (t *trial) tellWay() {
	a := t.answer
	switch {
	case !t.plus:
		t.ok("token", "not tried, as mail.plus_addressing is false")
	case len(a.TokenIn) > 0:
		t.ok("token", "the part after the + came back, in %s", strings.Join(a.TokenIn, " and "))
	default:
		t.fault("token", errors.New("the part after the + was lost on the way"), "plus_addressing: false")
		t.writes = append(t.writes, "plus_addressing: false")
	}
	switch {
	case a.References:
		t.ok("references", "the answer names the mail that it answers (In-Reply-To, References)")
	case slices.Contains(a.TokenIn, "To") || slices.Contains(a.TokenIn, "Delivered-To"):
		t.ok("references", "the answer does not name the mail that it answers; the part after the + does it alone")
	default:
		t.fault("references", errors.New("the answer does not name the mail that it answers: write it with Reply, not as a new mail, or try another mail program"), "")
	}
	if a.Subject {
		t.ok("subject", "was kept")
	} else {
		t.ok("subject", "was changed; it is not needed")
	}
}
