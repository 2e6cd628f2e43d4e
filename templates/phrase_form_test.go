package templates

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"frist/conversation"
)

// What a text says of one form, or in one language, is never another's.
func TestTextsSpeakOfTheFormThatIsGiven(t *testing.T) {
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	own := c.Form("imy")
	other := *own
	other.Version, other.Authority = "another", "Annan myndighet (ANNAN)"
	unnamed := other
	unnamed.Version, unnamed.Authority = "", "Tredje (TREDJE)"
	third := unnamed
	third.Authority = "Fjärde (FJÄRDE)"
	var key string
	for _, k := range slices.Sorted(maps.Keys(c.texts[conversation.Swedish])) {
		line := conversation.Line{Key: k}
		if c.Phrase(conversation.Swedish, own, line) != c.Phrase(conversation.Swedish, &unnamed, line) {
			key = k // it names the authority
			break
		}
	}
	if key == "" {
		t.Fatal("no text names the authority")
	}
	line := conversation.Line{Key: key}
	said := map[string]string{}
	say := func() {
		for name, f := range map[string]*conversation.Form{"own": own, "other": &other, "unnamed": &unnamed, "third": &third, "none": nil} {
			for _, lang := range []conversation.Lang{conversation.Swedish, conversation.English} {
				at, got := fmt.Sprint(name, lang), c.Phrase(lang, f, line)
				if was, ok := said[at]; ok && was != got {
					t.Errorf("%s: %q, and before %q", at, got, was)
				}
				said[at] = got
			}
		}
	}
	say()
	say()
	if n := len(map[string]bool{said["ownsv"]: true, said["othersv"]: true, said["unnamedsv"]: true, said["thirdsv"]: true, said["nonesv"]: true}); n != 5 {
		t.Errorf("five forms speak alike: %v", said)
	}
	if said["ownsv"] == said["ownen"] {
		t.Errorf("two languages speak alike: %q", said["ownsv"])
	}
	// Leaving out what is missing is no excuse for it in a test.
	missing := conversation.Line{Key: conversation.TextWhich}
	if _, err := c.Say(conversation.Swedish, own, missing); err == nil {
		t.Error("a missing argument is not told of")
	}
	_ = c.Phrase(conversation.Swedish, own, missing)
	if _, err := c.Say(conversation.Swedish, own, missing); err == nil {
		t.Error("a missing argument is not told of when the text has been said without it")
	}
}

func TestTextsAreSaidAtOnce(t *testing.T) {
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for k := range c.texts[conversation.Swedish] {
				c.Phrase(conversation.Swedish, c.Form("imy"), conversation.Line{Key: k})
			}
		})
	}
	all.Wait()
}
