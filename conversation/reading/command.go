package reading

import "strings"

// CommandName is what a person may tell the conversation to do.
type CommandName string

// The commands.
const (
	Back           CommandName = "back"
	Skip           CommandName = "skip"
	DontKnowAnswer CommandName = "dont_know"
	Help           CommandName = "help"
	Show           CommandName = "show"
	Change         CommandName = "change" // Field, and Text if the new answer follows
	Cancel         CommandName = "cancel"
	Pause          CommandName = "pause"
	Resume         CommandName = "resume"
	Done           CommandName = "done"
	Take           CommandName = "take"   // a deputy or DSO takes the incident on
	Cannot         CommandName = "cannot" // …or cannot
	Approve        CommandName = "approve"
	Return         CommandName = "return"         // Text: what to mend
	NotNotifiable  CommandName = "not_notifiable" // Text: the reason
	Filed          CommandName = "filed"          // Text: reference and time
	Mask           CommandName = "mask"
	Keep           CommandName = "keep"
	Accept         CommandName = "accept"  // a proposed line; Text names which, if any
	Decline        CommandName = "decline" // likewise
	Confirm        CommandName = "confirm" // an unverified report is one
	Dismiss        CommandName = "dismiss" // …or is none
	RequestFiles   CommandName = "request_files"
	SendFiles      CommandName = "send_files" // those that were kept
	Mail           CommandName = "mail"       // send the notification by mail
)

// Command is a message that is a command.
type Command struct {
	Name  CommandName
	Field string // of Change: a form number ("11", "5-8") or a field's name
	Text  string // what follows the command, verbatim
}

// commandForm is how a command is followed by text.
type commandForm int8

const (
	alone     commandForm = iota + 1 // nothing may follow
	colonText                        // text may follow after a colon
	numbers                          // numbers may follow: "ta med 1, 3"
	reference                        // a line with a figure in it may follow: "inskickad IMY-2026-1 kl 14"
)

// commandWord is one wording of a command.
type commandWord struct {
	name CommandName
	form commandForm
}

// The lengths of the longest field name and the longest message with a reference, in bytes.
const (
	maxField     = 40
	maxReference = 150
)

// ReadCommand reads a message that as a whole is a command, in either language whatever the conversation's.
func ReadCommand(text string) (Command, bool) {
	text = strings.TrimSpace(normalEnds(text))
	head := firstLine(text)
	whole := bare(unslash(head))
	if len(text) == len(head) {
		for _, words := range []map[string]commandWord{svCommands, enCommands} {
			if w, ok := words[whole]; ok {
				return Command{Name: w.name}, true
			}
		}
	}
	before, rest, colon := strings.Cut(text, ":")
	if colon && !strings.Contains(before, "\n") {
		said := bare(unslash(before))
		for _, words := range []map[string]commandWord{svCommands, enCommands} {
			if w, ok := words[said]; ok && w.form != alone {
				return Command{Name: w.name, Text: strings.TrimSpace(rest)}, true
			}
		}
	}
	if c, ok := readChange(text); ok {
		return c, true
	}
	return readWithText(text)
}

// unslash allows the slash that people know from chat programs.
func unslash(s string) string { return strings.TrimPrefix(strings.TrimSpace(s), "/") }

// readWithText reads the commands that a little text may follow without a colon.
func readWithText(text string) (Command, bool) {
	if strings.Contains(text, "\n") || len(text) > maxReference {
		return Command{}, false
	}
	said, read := folder{}, len(text)-len(strings.TrimPrefix(text, "/")) // what is read of text so far; see unslash
	for i, r := range text {
		if r != ' ' {
			continue
		}
		said.write(text[read:i])
		read = i
		before, rest := withoutEnd(said.out.String()), strings.TrimSpace(text[i:])
		for _, words := range []map[string]commandWord{svCommands, enCommands} {
			w, ok := words[before]
			if ok && (w.form == reference && strings.ContainsAny(rest, "0123456789") || w.form == numbers && isNumbers(rest)) {
				return Command{Name: w.name, Text: rest}, true
			}
		}
	}
	return Command{}, false
}

// isNumbers reports whether s names only questions: by numbers, or single letters for those of our own.
func isNumbers(s string) bool {
	names := 0
	for _, w := range strings.FieldsFunc(fold(s), func(r rune) bool { return strings.ContainsRune(" ,.&", r) }) {
		switch {
		case w == "och" || w == "and" || w == "nr":
		case len(w) == 1 || strings.Trim(w, "0123456789-") == "":
			names++
		default:
			return false
		}
	}
	return names > 0
}

// readChange reads "ändra 11", "ändra 5-8: …", "change phone: …".
func readChange(text string) (Command, bool) {
	verb, rest, found := strings.Cut(text, " ")
	if !found || !changeWords[bare(unslash(verb))] {
		return Command{}, false
	}
	field, value, colon := strings.Cut(rest, ":")
	if !colon {
		field, value = rest, ""
	}
	field = fold(field)
	for _, w := range []string{"svaret på fråga", "fråga", "svar", "fält", "question", "answer", "field", "nr", "number", "no."} {
		if after, found := strings.CutPrefix(field, fold(w)+" "); found {
			field = after
			break
		}
	}
	field = strings.Trim(field, " .!#")
	if !isField(field) {
		return Command{}, false
	}
	return Command{Name: Change, Field: field, Text: strings.TrimSpace(value)}, true
}

// isField reports whether s is a form number ("11", "5-8", "30a") or one word or two ("phone", "organisation_number").
func isField(s string) bool {
	if s == "" || len(s) > maxField || len(strings.Fields(s)) > 2 {
		return false
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' || r == ' ') {
			return false
		}
	}
	return true
}
