package conversation

import (
	"slices"
	"strings"
	"time"
)

const (
	filesListed = 300 // of one incident
	filesTold   = 5   // of one message, each with a line of its own
)

// takeFiles adds the message's files to the incident's list, and keeps those that the DSO has asked for.
func (h *handling) takeFiles(in *Incident) error {
	files := maskedFiles(h.in.Attachments)
	for i := range files {
		f := &files[i]
		if f.Outside = h.Organisation.outside(f.Domains); f.Inbound == "" {
			f.At, f.Inbound = h.in.At, h.in.ID
		}
		if in.FilesAskedAt.IsZero() || f.Refused != "" || f.Within != "" || f.Content == nil || len(in.Files) >= filesListed {
			continue
		}
		id, err := h.id()
		if err != nil {
			return err
		}
		if err := h.tx.KeepFile(in.ID, FileID(id), f.Content()); err != nil {
			return err
		}
		f.ID = FileID(id)
	}
	h.in.Attachments = files
	if room := filesListed - len(in.Files); len(files) > room {
		files = files[:max(room, 0)]
	}
	in.Files = append(in.Files, files...)
	return nil
}

// moveFiles takes the files of a message along to where its text goes. What was kept of them stays in the incident whose key it is sealed with.
func (h *handling) moveFiles(in *Incident, from InboundID) {
	if from == "" {
		return
	}
	in.Files = slices.DeleteFunc(in.Files, func(f Attachment) bool {
		if f.Inbound != from {
			return false
		}
		kept := f.ID != ""
		f.ID = ""
		h.in.Attachments = append(h.in.Attachments, f)
		return !kept
	})
}

// outside are the domains that are not the organisation's; none where the settings name no domains.
func (o *Organisation) outside(domains []string) (out []string) {
	for _, d := range domains {
		if len(o.Domains) > 0 && !slices.Contains(o.Domains, d) {
			out = append(out, d)
		}
	}
	return out
}

// filesCame tells the sender what became of the files in their message. kept is how many the incident now has; notable tells that the DSO's side
// needs to know of them.
func (t *turn) filesCame() (kept int, notable bool) {
	seen, told, rows := 0, 0, 0
	var names []string
	for _, f := range t.Inbound.Attachments {
		switch {
		case f.Refused != "":
			if told++; told <= filesTold {
				t.say(FileRefusedKey(f.Refused), "name", f.Name, "found", f.Infected)
			}
			t.event("file_refused", "", f.Refused)
			notable = notable || f.Infected != "" || f.Refused == RefusedScan
			continue
		case f.ID != "":
			names = append(names, strings.NewReplacer(",", " ", ";", " ").Replace(f.Name))
			t.event("file_kept", "", "")
		case f.Within == "":
			seen++
		}
		if f.Rows > 0 && f.ID == "" {
			if rows++; rows <= filesTold {
				t.say(TextFileRows, "name", f.Name, "rows", itoa(f.Rows), "more", flag(f.More))
			}
		}
		notable = notable || f.notable()
	}
	if seen > 0 {
		t.say(TextFilesSeen, "count", itoa(seen))
		t.event("files_seen", "", itoa(seen))
	}
	if len(names) > 0 {
		t.say(TextFilesKept, "files", strings.Join(names, ";"))
	}
	return len(names), notable
}

// tellFiles tells the DSO's side of the files in a message.
func (t *turn) tellFiles(kept int, notable bool) {
	for _, p := range t.others() {
		switch {
		case kept > 0:
			t.tell(p, Line{TextFilesArrived, args("count", itoa(kept))})
		case notable:
			t.tell(p, t.filesLine(t.Inbound.Attachments))
		}
	}
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return ""
}

// notable tells a file that says something of how grave the incident is, or that is a danger itself.
func (f Attachment) notable() bool {
	return f.Rows > 0 || f.Personnummer > 0 || f.Recipients > 0 || f.Mismatch || f.Infected != ""
}

// alertFiles tells of the files by counts alone: names are free text, and an alert has none.
func (t *turn) alertFiles() []Line {
	if len(t.Incident.Files) == 0 {
		return nil
	}
	return []Line{t.filesLine(t.Incident.Files)}
}

func (t *turn) filesLine(files []Attachment) Line {
	var rows, numbers, recipients, mismatch, infected, unscanned int
	var outside []string
	for _, f := range files {
		rows, numbers, recipients = rows+f.Rows, numbers+f.Personnummer, recipients+f.Recipients
		mismatch += one(f.Mismatch)
		infected += one(f.Infected != "")
		unscanned += one(f.Refused == RefusedScan)
		if f.Recipients == 0 {
			continue
		}
		for _, d := range f.Outside {
			if !slices.Contains(outside, d) && len(outside) < filesTold {
				outside = append(outside, d)
			}
		}
	}
	return Line{TextAlertFiles, args("count", itoa(len(files)), "rows", some(rows), "personnummer", some(numbers), "recipients", some(recipients),
		"outside", strings.Join(outside, ","), "mismatch", some(mismatch), "infected", some(infected), "unscanned", some(unscanned))}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// some is a number in figures, "" for none.
func some(n int) string {
	if n == 0 {
		return ""
	}
	return itoa(n)
}

// fromFile is what a file proposes as the answer to a question: its rows as how many people it concerns, the time that a mail was sent as when it
// happened. Neither is an answer before a person has said so.
func (t *turn) fromFile(fd *Field) (*Attachment, *Value) {
	var best *Attachment
	for i := range t.Incident.Files {
		f := &t.Incident.Files[i]
		switch {
		case f.Refused != "":
		case fd.Purpose == PurposePersons && f.Rows > 0 && !f.More && (best == nil || f.Rows > best.Rows):
			best = f
		case fd.Purpose == PurposeHappened && f.plausible() && (best == nil || f.Sent.Before(best.Sent)):
			best = f
		}
	}
	if best == nil {
		return nil, nil
	}
	if fd.Purpose == PurposePersons {
		n := int64(best.Rows)
		return best, &Value{Exact: &n}
	}
	at := best.Sent.In(Stockholm())
	return best, &Value{Date: at.Format("2006-01-02"), Time: at.Format("15:04")}
}

// plausible: the mail was sent before it came here, and not years ago. What it says of itself is never believed without a person.
func (f *Attachment) plausible() bool {
	return !f.Sent.IsZero() && !f.Sent.After(f.At) && f.At.Sub(f.Sent) < 2*365*24*time.Hour
}

// fileLine asks whether what is proposed from a file holds.
func (t *turn) fileLine(fd *Field) []Line {
	f, v := t.fromFile(fd)
	switch {
	case f == nil || t.Conversation.Role != RoleReporter:
		return nil
	case fd.Purpose == PurposePersons:
		return []Line{{TextFilePersons, args("name", f.Name, "rows", itoa(f.Rows), "sheets", some(f.Sheets))}}
	}
	return []Line{{TextFileSent, args("name", f.Name, "date", v.Date, "time", v.Time)}}
}

// asksOfFile reports whether yes is an answer at the question: to what is proposed from a file.
func (t *turn) asksOfFile(fd *Field) bool {
	f, _ := t.fromFile(fd)
	return f != nil && t.Conversation.Pending == nil
}

// fileProposals are what the files propose to the DSO's side, where nobody has answered.
func (t *turn) fileProposals() (out []Proposal) {
	for _, purpose := range []Purpose{PurposeHappened, PurposePersons} {
		fd := t.Form.For(purpose)
		if fd == nil {
			continue
		}
		if _, answered := t.Incident.Answers[fd.Key]; answered {
			continue
		}
		if f, v := t.fromFile(fd); f != nil {
			out = append(out, Proposal{Field: fd.Key, Value: *v, At: f.At, Source: "file"})
		}
	}
	return out
}

// requestFiles asks the reporter for the files that came and were not kept: from now on what comes is.
func (t *turn) requestFiles() {
	in := t.Incident
	if in.FilesAskedAt.IsZero() {
		in.FilesAskedAt = t.Now
	}
	t.event("files_requested", "", "")
	t.say(TextFilesRequested, "name", t.name(in.Reporter))
	p := t.Person(in.Reporter)
	if p == nil || p.ID == t.Sender.ID {
		return
	}
	by := t.name(t.Sender.ID)
	if p.Mail() == "" {
		t.tell(p, Line{TextToldFilesTeams, args("name", by)})
		return
	}
	out := t.message(p, MessageNotice)
	out.Channel, out.Lines = ChannelMail, []Line{{TextToldFiles, args("name", by)}}
	t.Outbound = append(t.Outbound, out)
	if p.channel() == ChannelTeams {
		t.tell(p, Line{TextToldFilesMailed, args("name", by)})
	}
}

// filesMailed is how many bytes of files one mail holds; larger ones go alone.
const filesMailed = 12 << 20

// sendFiles mails the kept files to the sender, and to nobody else.
func (t *turn) sendFiles() {
	var batch []Attachment
	var size int64
	sent := 0
	send := func() {
		if len(batch) == 0 {
			return
		}
		out := t.message(t.Sender, MessageFiles)
		out.Channel, out.Files = ChannelMail, batch
		out.Lines = []Line{{TextFilesSent, args("count", itoa(len(batch)))}}
		t.answer(out)
		sent += len(batch)
		batch, size = nil, 0
	}
	for _, f := range t.Incident.Files {
		if f.ID == "" {
			continue
		}
		if size+f.Size > filesMailed {
			send()
		}
		batch, size = append(batch, Attachment{Name: f.Name, Type: f.Type, Size: f.Size, ID: f.ID}), size+f.Size
	}
	send()
	t.event("files_sent", "", itoa(sent))
	if sent == 0 {
		t.say(TextFilesNone)
		return
	}
	t.silent = true
}
