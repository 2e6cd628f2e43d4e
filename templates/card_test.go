package templates

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"frist/conversation"
)

func TestCardGolden(t *testing.T) {
	c := load(t)
	for _, lang := range conversation.Langs {
		for name, out := range samples(c, lang) {
			cards, err := c.Cards(out)
			if err != nil {
				t.Errorf("%s %s: %v", lang, name, err)
				continue
			}
			for i, card := range cards {
				part := name
				if i < len(cards)-1 {
					part += "-part" + strconv.Itoa(i+1)
				}
				checkCard(t, part, card.JSON)
				var pretty bytes.Buffer
				if err := json.Indent(&pretty, card.JSON, "", " "); err != nil {
					t.Fatal(err)
				}
				golden(t, "card/"+string(lang)+"-"+part+".json", append(pretty.Bytes(), '\n'))
			}
		}
	}
}

// What is to be done now, and whom to ring, is on a card of its own: that of the question is replaced once it is answered.
func TestAdviceStays(t *testing.T) {
	c := load(t)
	out := samples(c, conversation.Swedish)["question"]
	call := out
	call.Lines = []conversation.Line{line(conversation.TextCallNow, "name", "Kim Exempel", "phone", "08-465 004 11")}
	for words, out := range map[string]conversation.Outbound{"Ring mottagaren": out, "08-465 004 11": call} {
		cards, err := c.Cards(out)
		if err != nil || len(cards) != 2 {
			t.Fatalf("%d cards, %v", len(cards), err)
		}
		said, asked := string(cards[0].JSON), string(cards[1].JSON)
		if !strings.Contains(said, words) || strings.Contains(said, "Action.") {
			t.Errorf("the first card: %s", said)
		}
		if strings.Contains(asked, words) || !strings.Contains(asked, `"verb":"answer"`) {
			t.Errorf("the card that is replaced: %s", asked)
		}
	}
}

// allowed are the properties of Adaptive Cards 1.5 (adaptivecards.io/explorer) that each type that we use may have.
var allowed = map[string][]string{
	"TextBlock":               {"text", "wrap", "size", "weight", "isSubtle", "style"},
	"RichTextBlock":           {"inlines"},
	"TextRun":                 {"text", "weight", "isSubtle"},
	"Container":               {"items", "style", "isVisible"},
	"ColumnSet":               {"columns"},
	"Column":                  {"items", "width", "verticalContentAlignment"},
	"ActionSet":               {"actions"},
	"FactSet":                 {"facts"},
	"Input.Text":              {"label", "placeholder", "value", "isMultiline", "style", "isRequired", "errorMessage"},
	"Input.Date":              {"label", "value", "isRequired", "errorMessage"},
	"Input.Time":              {"label", "value"},
	"Input.Number":            {"label", "value", "min", "errorMessage"},
	"Input.ChoiceSet":         {"label", "value", "choices", "style", "isMultiSelect", "wrap", "placeholder", "isRequired", "errorMessage"},
	"Action.Execute":          {"title", "tooltip", "verb", "data", "associatedInputs", "style", "fallback"},
	"Action.Submit":           {"title", "data", "associatedInputs", "style"},
	"Action.ToggleVisibility": {"title", "targetElements"},
}

// within are the properties that hold further elements or actions.
var within = []string{"items", "inlines", "columns", "actions"}

// values are what an enumerated property may be.
var values = map[string][]string{
	"Input.Text style": {"Text", "Tel", "Url", "Email", "Password"}, "Input.ChoiceSet style": {"compact", "expanded", "filtered"}, "Container style": {"emphasis"},
	"TextBlock style": {"heading"}, "TextBlock size": {"Small", "Medium", "Large"}, "TextBlock weight": {"Bolder"}, "TextRun weight": {"Bolder"},
	"Column width": {"auto", "stretch"}, "Column verticalContentAlignment": {"Center"}, "Action.Execute associatedInputs": {"none"},
	"Action.Submit associatedInputs": {"none"}, "Action.Execute style": {"positive"}, "Action.Submit style": {"positive"},
}

func checkCard(t *testing.T, name string, data []byte) {
	t.Helper()
	var cd map[string]any
	if err := json.Unmarshal(data, &cd); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if cd["type"] != "AdaptiveCard" || cd["version"] != "1.5" || cd["fallbackText"] == "" || len(data) > cardLimit {
		t.Errorf("%s: type %v, version %v, %d bytes", name, cd["type"], cd["version"], len(data))
	}
	ids := map[string]bool{}
	var targets []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			typ, _ := v["type"].(string)
			props, ok := allowed[typ]
			if !ok {
				t.Errorf("%s: unknown type %q", name, typ)
			}
			for k := range v {
				if k != "type" && k != "id" && k != "spacing" && k != "separator" && !slices.Contains(props, k) {
					t.Errorf("%s: %s has no %q", name, typ, k)
				}
			}
			if id, _ := v["id"].(string); id != "" || strings.HasPrefix(typ, "Input.") {
				if id == "" || ids[id] {
					t.Errorf("%s: id %q is missing or stands twice", name, id)
				}
				ids[id] = true
			}
			if typ == "Input.ChoiceSet" {
				checkChoices(t, name, v)
			}
			if strings.HasPrefix(typ, "Input.") && v["label"] == nil || v["isRequired"] == true && v["errorMessage"] == nil {
				t.Errorf("%s: %s lacks a label, or what to say when it is empty", name, v["id"])
			}
			for k, x := range v {
				if s, ok := x.(string); ok && values[typ+" "+k] != nil && !slices.Contains(values[typ+" "+k], s) {
					t.Errorf("%s: %s has %s %q", name, typ, k, s)
				}
			}
			for _, id := range list(v["targetElements"]) {
				targets = append(targets, id.(string))
			}
			if n := len(list(v["actions"])); n > 6 {
				t.Errorf("%s: %d actions in a row; Teams shows six", name, n)
			}
			if typ == "Action.Execute" {
				checkAction(t, name, v)
			}
			for _, k := range within {
				walk(list(v[k]))
			}
		}
	}
	walk(list(cd["body"]))
	for _, id := range targets {
		if !ids[id] {
			t.Errorf("%s: %s is unfolded, and is not there", name, id)
		}
	}
}

// checkAction: what a press sends says what it answers, and says the same from an older client.
func checkAction(t *testing.T, name string, act map[string]any) {
	t.Helper()
	data, _ := act["data"].(map[string]any)
	if data["token"] == nil || data["msteams"] != nil || act["verb"] == nil {
		t.Errorf("%s: action data %v", name, data)
	}
	old, _ := act["fallback"].(map[string]any)
	sent, _ := old["data"].(map[string]any)
	want := maps.Clone(data)
	want["verb"] = act["verb"]
	if old["type"] != "Action.Submit" || !reflect.DeepEqual(sent, want) || old["associatedInputs"] != act["associatedInputs"] {
		t.Errorf("%s: the fallback of %v is %v", name, act["title"], old)
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// checkChoices: no empty or doubled choice, values without commas where several are joined, and a prefilled one that exists.
func checkChoices(t *testing.T, name string, set map[string]any) {
	t.Helper()
	var values []string
	for _, c := range list(set["choices"]) {
		m := c.(map[string]any)
		v, _ := m["value"].(string)
		if v == "" || m["title"] == "" || slices.Contains(values, v) || set["isMultiSelect"] == true && strings.Contains(v, ",") {
			t.Errorf("%s: choice %v", name, m)
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		t.Errorf("%s: no choices", name)
	}
	if v, ok := set["value"].(string); ok {
		chosen := []string{v}
		if set["isMultiSelect"] == true {
			chosen = strings.Split(v, ",")
		}
		for _, c := range chosen {
			if !slices.Contains(values, c) {
				t.Errorf("%s: %q is chosen but not there", name, c)
			}
		}
	}
}

func inputsOf(t *testing.T, c *Catalogue, field string, v *conversation.Value) map[string]map[string]any {
	t.Helper()
	out := samples(c, "sv")["ask-16"]
	out.Question = &conversation.Prompt{Field: field, Current: v}
	card, err := c.Card(out)
	if err != nil {
		t.Fatal(err)
	}
	checkCard(t, field, card.JSON)
	var cd struct {
		Body []struct {
			Items []map[string]any `json:"items"`
		} `json:"body"`
	}
	if err := json.Unmarshal(card.JSON, &cd); err != nil {
		t.Fatal(err)
	}
	in := map[string]map[string]any{}
	for _, b := range cd.Body {
		for _, e := range b.Items {
			if id, ok := e["id"].(string); ok && id != helpID {
				in[id] = e
			}
		}
	}
	return in
}

func TestCardInputsHoldTheAnswer(t *testing.T) {
	c := load(t)
	twelve := int64(12)
	for _, tc := range []struct {
		field string
		v     conversation.Value
		want  map[string]any
	}{
		{"16", conversation.Value{Text: hostile}, map[string]any{"answer": hostile}},
		{"18", conversation.Value{Choice: "Övrigt", Comment: "två\nrader"}, map[string]any{"answer": "Övrigt", "comment": "två\nrader", "other": nil}},
		{"18", conversation.Value{Choice: "Något helt annat"}, map[string]any{"answer": nil, "comment": nil, "other": "Något helt annat"}},
		{"25", conversation.Value{Choices: []string{"Anställda, även tidigare", "Övrigt"}, Other: "Besökare"}, map[string]any{"answer": "1,3", "other": "Besökare"}},
		{"10", conversation.Value{Date: "2026-11-20", Time: "15:10", Comment: "cirka"}, map[string]any{"date": "2026-11-20", "time": "15:10", "comment": "cirka"}},
		{"23", conversation.Value{Exact: &twelve}, map[string]any{"exact": 12.0, "interval": nil}},
		{"23", conversation.Value{Interval: "11 - 100"}, map[string]any{"exact": nil, "interval": "11 - 100"}},
		{"3", conversation.Value{Parts: map[string]string{"street": "Box 1", "city": "Provby"}}, map[string]any{"m.street": "Box 1", "m.postcode": nil, "m.city": "Provby"}},
		{"30", conversation.Value{Entries: []map[string]string{{"date": "2026-11-20", "action": "Ett"}, {"time": "10:00", "action": "Två"}, {"action": "Tre"}}},
			map[string]any{"m.date": nil, "m.time": nil, "m.action": nil}},
		{"16", conversation.Value{Blank: true}, map[string]any{"answer": nil}},
	} {
		in := inputsOf(t, c, tc.field, &tc.v)
		if len(in) != len(tc.want) {
			t.Errorf("%s: inputs %v", tc.field, in)
		}
		for id, want := range tc.want {
			if in[id] == nil || in[id]["value"] != want {
				t.Errorf("%s %s: %v, want %v", tc.field, id, in[id]["value"], want)
			}
		}
	}
}

// TestCardShowsTextAsItStands: what a person wrote is in no TextBlock, which reads markdown, and starts no card function.
func TestCardShowsTextAsItStands(t *testing.T) {
	c := load(t)
	for _, name := range []string{"answered", "change", "show", "check"} {
		card, err := c.Card(samples(c, "sv")[name])
		if err != nil {
			t.Fatal(err)
		}
		var cd card0
		if err := json.Unmarshal(card.JSON, &cd); err != nil {
			t.Fatal(err)
		}
		seen := false
		cd.each(func(typ, text string) {
			if strings.Contains(text, "kursivt") {
				seen = true
				if typ != "TextRun" {
					t.Errorf("%s: a %s holds a person's text", name, typ)
				}
			}
			if strings.Contains(text, "{{") || strings.Contains(text, "${") {
				t.Errorf("%s: %q is read as a template", name, text)
			}
		})
		if !seen {
			t.Errorf("%s: the text is not there", name)
		}
	}
	if got := escapeMarkdown("# a*b_c [d](e) <f> &lt; 1. g"); got != `\# a\*b\_c \[d\](e) \<f\> \&lt; 1. g` {
		t.Error(got)
	}
}

type card0 struct {
	Type    string  `json:"type"`
	Text    string  `json:"text"`
	Body    []card0 `json:"body"`
	Columns []card0 `json:"columns"`
	Items   []card0 `json:"items"`
	Inlines []card0 `json:"inlines"`
}

func (c card0) each(f func(typ, text string)) {
	f(c.Type, c.Text)
	for _, l := range [][]card0{c.Body, c.Columns, c.Items, c.Inlines} {
		for _, e := range l {
			e.each(f)
		}
	}
}

func TestAnsweredCardHasNoInputs(t *testing.T) {
	c := load(t)
	card, err := c.Card(samples(c, "sv")["answered"])
	if err != nil {
		t.Fatal(err)
	}
	if s := string(card.JSON); strings.Contains(s, "Input.") || strings.Count(s, "Action.Execute") != 1 || !strings.Contains(s, `"ändra 16"`) || !strings.Contains(s, "Besvarad") {
		t.Error(s)
	}
	if strings.Contains(card.Text, "listor") {
		t.Errorf("the notification holds the answer: %q", card.Text)
	}
}

func TestLargeCardIsCut(t *testing.T) {
	c := load(t)
	out := samples(c, "sv")["show"]
	out.Document.Notification.Answers["16"] = strings.Repeat("lång rad som fortsätter\n", 20_000)
	out.Document.FirstMessage = strings.Repeat("å", 200_000)
	card, err := c.Card(out)
	if err != nil {
		t.Fatal(err)
	}
	checkCard(t, "large", card.JSON)
	if s := string(card.JSON); !strings.Contains(s, "kortad") || !strings.Contains(s, "Parknämnden i Provby") {
		t.Error("the cut card does not say that it is cut, or lost its short answers")
	}
	out = samples(c, "sv")["question"]
	out.Lines = slices.Repeat([]conversation.Line{line(conversation.TextToldReturned, "reason", strings.Repeat("mycket ", 5000))}, 40)
	if card, err = c.Card(out); err != nil || len(card.JSON) > cardLimit {
		t.Errorf("%d bytes, %v", len(card.JSON), err)
	}
	checkCard(t, "larger", card.JSON)
}
