package templates

import (
	"strings"
	"testing"
	"unicode/utf8"

	"frist/conversation"
	"frist/conversation/reading"
)

func TestTeamsAppFits(t *testing.T) {
	c, name := load(t), strings.Repeat("å", 30)
	for _, lang := range conversation.Langs {
		app := c.TeamsApp(lang, name)
		for text, most := range map[string]int{app.FullName: 100, app.Short: 80, app.Full: 4000} {
			if n := utf8.RuneCountInString(text); n == 0 || n > most {
				t.Errorf("%s: %d characters of at most %d: %q", lang, n, most, text)
			}
		}
		if n := len(app.Commands); n < 5 || n > 10 {
			t.Errorf("%s: %d commands", lang, n)
		}
		for _, cmd := range app.Commands {
			if cmd.Title == "" || cmd.About == "" || utf8.RuneCountInString(cmd.Title) > 128 {
				t.Errorf("%s: %+v", lang, cmd)
			}
		}
	}
}

// TestTeamsCommandsAreUnderstood: what Teams proposes to write is a command to the reader, each another, and the same in each language.
func TestTeamsCommandsAreUnderstood(t *testing.T) {
	c := load(t)
	seen := map[reading.CommandName]string{}
	sv, en := c.TeamsApp(conversation.Swedish, "Frist").Commands, c.TeamsApp(conversation.English, "Frist").Commands
	for i := range sv {
		one, ok1 := reading.ReadCommand(sv[i].Title)
		two, ok2 := reading.ReadCommand(en[i].Title)
		if !ok1 || !ok2 || one.Name != two.Name {
			t.Errorf("%q is %v, %q is %v", sv[i].Title, one.Name, en[i].Title, two.Name)
		}
		if seen[one.Name] != "" {
			t.Errorf("%q does what %q does", sv[i].Title, seen[one.Name])
		}
		seen[one.Name] = sv[i].Title
	}
}
