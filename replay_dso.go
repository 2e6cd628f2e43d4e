package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"frist/conversation"
)

// review plays the DSO, who answers what is open and corrects what the settings filled in, in one reply to the newest version; then what
// has become open by that, until nothing is.
func (p *player) review(ctx context.Context) error {
	text, alone := p.corrections(p.openInReview())
	for range playLimit {
		if text == "" {
			if len(alone) == 0 {
				return nil
			}
			text, alone = alone[0], alone[1:]
		}
		l, err := p.toDSOReply(ctx, text)
		if err != nil {
			return err
		}
		if w := confirmWord(l.msg.Text); w != "" {
			text = w
			continue
		}
		next := ""
		if len(alone) == 0 {
			next = p.onlyOpen(p.openInReview())
		}
		if next != "" && next == text {
			return fmt.Errorf("%q is asked again: %s", shortLine(text), lastSaid(p.toDSO))
		}
		text = next
	}
	return fmt.Errorf("the open questions do not end after %d mails", playLimit)
}

var askedToConfirm = regexp.MustCompile(`\b(?:Svara|svara|Answer|answer|Reply|reply) (JA|YES|MASKERA|MASK)\b`)

// confirmWord is what keeps what was written, if the mail asks for a choice about it.
func confirmWord(text string) string {
	// Where several are asked for, the answer counts for the last.
	all := askedToConfirm.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return ""
	}
	return map[string]string{"JA": "ja", "YES": "yes", "MASKERA": "behåll", "MASK": "keep"}[all[len(all)-1][1]]
}

// openInReview lists the questions that the newest review puts: those under its headings for open questions.
func (p *player) openInReview() map[string]bool {
	open := map[string]bool{}
	l := p.newestReview()
	if l == nil {
		return open
	}
	heading := func(key string) string {
		return p.words.Phrase(conversation.Lang(p.c.Lang), p.form, conversation.Line{Key: key})
	}
	within := false
	for line := range strings.Lines(l.msg.Text) {
		line = strings.TrimRight(line, "\n")
		switch line {
		case heading("word_open"), heading("word_open_reporter"):
			within = true
		case heading("word_proposals"), heading("word_about_report"), heading("word_notification"):
			within = false
		}
		if m := questionMark.FindStringSubmatch(line); m != nil && within {
			if fd := p.form.Lookup(m[1]); fd != nil {
				open[fd.Key] = true
			}
		}
	}
	return open
}

// newestReview is the last mail to the DSO that can be approved.
func (p *player) newestReview() *wireMail {
	for i := len(p.toDSO) - 1; i >= 0; i-- {
		for line := range strings.Lines(p.toDSO[i].msg.Text) {
			if m := readyLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil && (m[1] == "GODKÄNN" || m[1] == "APPROVE") {
				return p.toDSO[i]
			}
		}
	}
	return nil
}

// corrections is the DSO's long reply: an answer to each open question, and a correction of each that the settings answered. Words outside
// a list are asked about, one at a time: they go in mails of their own.
func (p *player) corrections(open map[string]bool) (text string, alone []string) {
	change, skip := p.c.say("ändra", "change"), p.skip().text
	var lines []string
	for _, fd := range p.form.Fields {
		v, ok := p.c.values[fd.Key]
		switch {
		case fd.Own:
		case ok && fd.Asked != conversation.RoleReporter && fd.Kind == conversation.KindChoice && fd.Option(v.Choice) == nil:
			alone = append(alone, change+" "+fd.Name()+": "+p.body(fd, v))
		case fd.Asked == conversation.RoleSettings && ok:
			lines = append(lines, change+" "+fd.Name()+": "+p.body(fd, v))
		case fd.Asked == conversation.RoleSettings:
			lines = append(lines, change+" "+fd.Name()+": "+skip)
		case ok && (open[fd.Key] || fd.Asked == conversation.RoleDSO):
			lines = append(lines, fd.Name()+": "+p.body(fd, v))
		case open[fd.Key]:
			lines = append(lines, fd.Name()+": "+skip)
		}
	}
	return strings.Join(lines, "\n"), alone
}

// onlyOpen answers what is open after the corrections; "" if nothing is.
func (p *player) onlyOpen(open map[string]bool) string {
	var lines []string
	for _, fd := range p.form.Fields {
		if !open[fd.Key] {
			continue
		}
		text := p.skip().text
		if v, ok := p.c.values[fd.Key]; ok {
			text = p.body(fd, v)
		}
		lines = append(lines, fd.Name()+": "+text)
	}
	return strings.Join(lines, "\n")
}

// body is a value after its number: lines with labels begin on a line of their own.
func (p *player) body(fd *conversation.Field, v conversation.Value) string {
	text := p.c.typed(fd, v)
	labelled := fd.Kind == conversation.KindGroup || fd.Kind == conversation.KindAddress || fd.Kind == conversation.KindDate
	if labelled && strings.Contains(text, "\n") {
		return "\n" + text
	}
	return text
}

// decide answers the newest version with the case's decision.
func (p *player) decide(ctx context.Context) error {
	reason := p.c.Reason
	if reason == "" {
		reason = p.c.say("Uppgifterna räcker inte.", "The information is not enough.")
	}
	text := ""
	switch conversation.Outcome(p.c.Decision) {
	case conversation.OutcomeApprove:
		text = p.c.say("GODKÄNN", "approve")
	case conversation.OutcomeReturn:
		text = p.c.say("RETURNERA: ", "return: ") + reason
	case conversation.OutcomeNotNotifiable:
		text = p.c.say("INTE ANMÄLNINGSPLIKTIG: ", "not notifiable: ") + reason
	default:
		return nil
	}
	if p.newestReview() == nil {
		return fmt.Errorf("no version came that could be decided on")
	}
	// A notice may have come after the newest version; the decision answers the version.
	p.toDSO = append(p.toDSO, p.newestReview())
	_, err := p.toDSOReply(ctx, text)
	return err
}

// file records that the notification was sent to the authority.
func (p *player) file(ctx context.Context) error {
	at := p.c.Filed.At.In(conversation.Stockholm()).Format("2006-01-02 15:04")
	_, err := p.toDSOReply(ctx, strings.TrimSpace(p.c.say("inskickad ", "filed ")+p.c.Filed.Reference)+" "+at)
	return err
}
