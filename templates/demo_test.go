package templates

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"frist/conversation"
)

// TestDemoTexts holds the demo's languages together: the same keys, the same things to fill in, and no text empty.
func TestDemoTexts(t *testing.T) {
	blank := regexp.MustCompile(`\{[a-z_]+\}`)
	sv := demoTexts[conversation.Swedish]
	for _, lang := range conversation.Langs {
		texts := demoTexts[lang]
		if got, want := slices.Sorted(maps.Keys(texts)), slices.Sorted(maps.Keys(sv)); !slices.Equal(got, want) {
			t.Errorf("%s has the keys\n%v, Swedish\n%v", lang, got, want)
		}
		for key, text := range texts {
			if text == "" {
				t.Errorf("%s: %s is empty", lang, key)
			}
			got, want := blank.FindAllString(text, -1), blank.FindAllString(sv[key], -1)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s fills in %v, Swedish %v", lang, key, got, want)
			}
		}
	}
}

func TestDemoFillsIn(t *testing.T) {
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Demo(conversation.English, "unknown", "command", "/{command}"); got != "There is no command /{command}. /help lists them all." {
		t.Error(got)
	}
	if got := c.Demo("fi", "teams"); got != "Teams" {
		t.Errorf("an unknown language gives %q", got)
	}
}
