package templates

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"frist/conversation"
)

// files lists what came with the messages, a file a line; to the DSO's side also how to get them.
func (p phraser) files(files []conversation.Attachment, to conversation.Role) string {
	if len(files) == 0 {
		return ""
	}
	var lines []string
	kept, readable := false, false
	for _, f := range files {
		lines = append(lines, p.file(f))
		kept, readable = kept || f.ID != "", readable || f.ID == "" && f.Refused == "" && f.Within == ""
	}
	if to != conversation.RoleReporter && readable && !kept {
		lines = append(lines, p.say("word_files_ask"))
	}
	if to != conversation.RoleReporter && kept {
		lines = append(lines, p.say("word_files_send"))
	}
	return strings.Join(lines, "\n")
}

// file describes one: its name is a stranger's text, so it stands on one line and is shortened.
func (p phraser) file(f conversation.Attachment) string {
	s := p.say("word_file", "name", cmp.Or(clip(f.Name), p.say("word_file_nameless")), "type", clip(f.Type), "size", strconv.FormatInt((f.Size+1023)/1024, 10))
	if facts := p.fileFacts(f); len(facts) > 0 {
		s += ": " + strings.Join(facts, "; ")
	}
	return s
}

func (p phraser) fileFacts(f conversation.Attachment) (facts []string) {
	add := func(holds bool, key string, args ...string) {
		if holds {
			facts = append(facts, p.say(key, args...))
		}
	}
	sheets := ""
	if f.Sheets > 1 {
		sheets = strconv.Itoa(f.Sheets)
	}
	more := ""
	if f.More {
		more = "1"
	}
	var columns []string
	for _, c := range f.Columns {
		columns = append(columns, p.say("word_file_column_"+c))
	}
	outside := f.Outside
	if f.Recipients == 0 {
		outside = nil // addresses in a table are mostly private
	}
	domains := clipList(slices.DeleteFunc(slices.Clone(f.Domains), func(d string) bool { return slices.Contains(outside, d) }))
	add(f.Refused != "", "word_file_refused_"+f.Refused, "found", clip(f.Infected))
	add(f.Within != "", "word_file_within", "name", clip(f.Within))
	add(f.Rows > 0, "word_file_rows", "rows", strconv.Itoa(f.Rows), "sheets", sheets, "more", more)
	add(len(columns) > 0, "word_file_columns", "columns", strings.Join(columns, ","))
	add(f.Pages > 0, "word_file_pages", "pages", strconv.Itoa(f.Pages))
	add(f.Personnummer > 0, "word_file_personnummer", "count", strconv.Itoa(f.Personnummer))
	add(!f.Sent.IsZero(), "word_file_sent", "at", f.Sent.UTC().Format(time.RFC3339))
	add(f.Recipients > 0, "word_file_recipients", "count", strconv.Itoa(f.Recipients))
	add(domains != "", "word_file_domains", "domains", domains)
	add(len(outside) > 0, "word_file_outside", "domains", clipList(outside))
	add(f.Mismatch, "word_file_mismatch")
	add(f.ID != "", "word_file_kept")
	return facts
}

const domainsListed = 6

func clipList(domains []string) string {
	if len(domains) > domainsListed {
		domains = append(domains[:domainsListed:domainsListed], "…")
	}
	return strings.Join(domains, ",")
}

// figures is a whole number with its thousands apart, as the language writes it; other text is left as it is.
func (p phraser) figures(n string) string {
	if len(n) <= 3 || strings.Trim(n, "0123456789") != "" {
		return n
	}
	mark := " "
	if p.lang == conversation.English {
		mark = ","
	}
	var b strings.Builder
	for i, c := range n {
		if i > 0 && (len(n)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(c)
	}
	return b.String()
}
