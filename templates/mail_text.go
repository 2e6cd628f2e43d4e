package templates

import (
	"fmt"
	"net/url"
	"strings"
)

const rule = "----------------------------------------"

// text writes the mail as plain text. Each question begins a line of its own with its number in brackets, so that an answer written
// under it in a reply can be tied to it.
func (v *mailView) text() string {
	var b strings.Builder
	for _, f := range v.Facts {
		fmt.Fprintf(&b, "%s: %s\n", f.Label, f.Text)
	}
	v.textLines(&b)
	if v.Question != nil {
		fmt.Fprintf(&b, "\n%s\n", rule)
		if v.Progress != "" {
			fmt.Fprintf(&b, "%s\n", v.Progress)
		}
		textQuestion(&b, v.p, v.Question, true)
		fmt.Fprintf(&b, "%s\n", rule)
	}
	if len(v.Replies) > 0 {
		fmt.Fprintf(&b, "\n%s:\n", v.p.say("word_replies"))
		for _, r := range v.Replies {
			fmt.Fprintf(&b, "- %s\n", replyText(v.p, r))
		}
	}
	if len(v.Next) > 0 {
		fmt.Fprintf(&b, "\n%s\n%s\n\n", v.p.say("word_next"), v.NextHow)
		for _, q := range v.Next {
			textShort(&b, q)
		}
	}
	v.textReview(&b)
	if v.How != "" {
		fmt.Fprintf(&b, "\n%s\n", v.How)
	}
	if v.Attached != "" {
		fmt.Fprintf(&b, "%s\n", v.Attached)
	}
	fmt.Fprintf(&b, "\n%s\n", v.Footer)
	return b.String()
}

func (v *mailView) textLines(b *strings.Builder) {
	step := false
	for _, l := range v.Lines {
		switch {
		case l.Step && !step:
			fmt.Fprintf(b, "\n%s:\n%s\n", v.DoNow, l.Text)
		case l.Step:
			fmt.Fprintf(b, "%s\n", l.Text)
		default:
			fmt.Fprintf(b, "\n%s\n", l.Text)
		}
		step = l.Step
	}
}

func textQuestion(b *strings.Builder, p phraser, q *questionView, full bool) {
	fmt.Fprintf(b, "\n[%s] %s\n", q.Number, q.Text)
	if full {
		for _, s := range []string{q.Explain, q.More} {
			if s != "" {
				fmt.Fprintf(b, "\n%s\n", s)
			}
		}
	}
	if len(q.Options) > 0 {
		fmt.Fprintln(b)
		for _, h := range q.HowTo {
			fmt.Fprintf(b, "%s\n", h)
		}
		for _, o := range q.Options {
			switch {
			case !q.Numbered():
				fmt.Fprintf(b, "  - %s\n", o.Label)
			case o.Numbered():
				fmt.Fprintf(b, "  %d  %s\n", o.N, o.Label)
			default:
				fmt.Fprintf(b, "  %s\n", o.Label)
			}
		}
	}
	if q.Example != "" {
		if q.Pattern {
			fmt.Fprintf(b, "\n%s:\n%s\n", p.say("word_example"), q.Example)
		} else {
			fmt.Fprintf(b, "\n%s: %s\n", p.say("word_example"), q.Example)
		}
	}
	if len(q.Options) == 0 {
		for _, h := range q.HowTo {
			fmt.Fprintf(b, "%s\n", h)
		}
	}
	if q.Now != "" {
		fmt.Fprintf(b, "\n%s:\n%s\n", p.say("word_now"), q.Now)
	}
	if q.Proposed != "" {
		fmt.Fprintf(b, "\n%s:\n%s\n", p.say("word_proposed"), q.Proposed)
		fmt.Fprintf(b, "%s\n", q.ProposedHow)
	}
}

func textShort(b *strings.Builder, q *questionView) {
	fmt.Fprintf(b, "[%s] %s\n", q.Number, q.Text)
	if s := q.inline(); s != "" {
		fmt.Fprintf(b, "     %s\n", s)
	}
}

func (v *mailView) textReview(b *strings.Builder) {
	p := v.p
	if len(v.Open) > 0 {
		fmt.Fprintf(b, "\n%s\n%s\n", p.say("word_open"), rule)
		for _, q := range v.Open {
			textQuestion(b, p, q, false)
		}
	}
	if len(v.OpenReporter) > 0 {
		fmt.Fprintf(b, "\n%s\n%s\n\n", p.say("word_open_reporter"), rule)
		for _, q := range v.OpenReporter {
			textShort(b, q)
		}
	}
	if len(v.Proposals) > 0 {
		fmt.Fprintf(b, "\n%s\n%s\n", p.say("word_proposals"), rule)
		for _, pr := range v.Proposals {
			fmt.Fprintf(b, "\n[%s] %s (%s)\n%s\n%s\n", pr.Number, pr.Label, pr.Source, pr.Text, pr.How)
		}
	}
	if len(v.About) > 0 {
		fmt.Fprintf(b, "\n%s\n%s\n", p.say("word_about_report"), rule)
		for _, f := range v.About {
			sep := " "
			if strings.Contains(f.Text, "\n") {
				sep = "\n"
			}
			fmt.Fprintf(b, "%s:%s%s\n", f.Label, sep, f.Text)
		}
	}
	if len(v.Sections) > 0 {
		fmt.Fprintf(b, "\n%s\n%s\n", v.DocTitle, rule)
		p.writeSections(b, v.Sections)
	}
}

func replyText(p phraser, r replyView) string {
	if strings.EqualFold(r.Label, r.Write) {
		return r.Write
	}
	return r.Label + ": " + p.say("word_reply_write", "reply", r.Write)
}

// mailto is a link that opens a ready answer (RFC 6068). Everything but letters and digits is percent-encoded in the header
// fields, where some clients read "+" as a space.
func mailto(to, subject, body string) string {
	esc := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	local, domain, _ := strings.Cut(to, "@")
	addr := strings.ReplaceAll(esc(local), "%2B", "+") + "@" + esc(domain)
	return "mailto:" + addr + "?subject=" + esc("Re: "+subject) + "&body=" + esc(strings.ReplaceAll(body, "\n", "\r\n"))
}
