package templates

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"
)

// Whatever a string holds, it stays one, and reads as encoding/json reads what it wrote itself.
func FuzzCardString(f *testing.F) {
	for _, s := range []string{"", hostile, "\"\\\b\f\n\r\t\x00\x1f\x7f", "\u2028\u2029\ufeff\ufffd", "\xff\xc3", "a\xe2\x80", "\xed\xa0\x80", "🙂å", planted} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		w := cardWriter{}
		w.value(s)
		var got, want string
		if err := errors.Join(json.Unmarshal(data, &want), json.Unmarshal(w.b, &got)); err != nil || got != want {
			t.Errorf("%q\n got %s, %v\nwant %s", s, w.b, err, data)
		}
	})
}

// A person's words stay where they are put, whichever property they stand in.
func TestCardWritesEveryProperty(t *testing.T) {
	zero := int64(0)
	data := actionData{Token: hostile, Field: hostile, Seen: hostile, Text: hostile, Entry: hostile}
	e := element{Type: hostile, ID: hostile, Text: hostile, Wrap: true, Size: hostile, Weight: hostile, Style: hostile, IsSubtle: true, Spacing: hostile, Separator: true,
		Hidden: true, Width: hostile, VerticalAlign: hostile, Facts: []cardFact{{hostile, hostile}, {}},
		input: &input{Label: hostile, Placeholder: hostile, IsMultiline: true, IsMultiSelect: true, Choices: []cardChoice{{hostile, hostile}, {}}, Min: &zero, IsRequired: true,
			ErrorMessage: hostile, Value: hostile},
		Actions: []action{execute(hostile, hostile, data, false), {Type: hostile, Title: hostile, Tooltip: hostile, Targets: []string{hostile, ""}, Style: hostile}}}
	run := e
	run.Type, run.input = "RichTextBlock", &input{Value: int64(-3)}
	e.Items, e.Columns = []element{run, {}}, []element{{}, run}
	var got struct {
		FallbackText string
		Body         []json.RawMessage
	}
	if err := json.Unmarshal(writeCard(card{Fallback: hostile, Body: []element{e, {}, run}}), &got); err != nil || got.FallbackText != hostile || len(got.Body) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	every := []string{"type", "id", "text", "items", "wrap", "size", "weight", "style", "spacing", "separator", "label", "placeholder", "isMultiline", "isMultiSelect", "choices", "min",
		"isRequired", "errorMessage", "isVisible", "columns", "width", "verticalContentAlignment", "actions", "facts", "value"}
	ofRun := []string{"type", "id", "inlines", "style", "spacing", "separator", "isVisible", "width", "verticalContentAlignment", "actions", "facts", "value"}
	for i, want := range [][]string{every, {"type"}, ofRun} {
		everyString(t, got.Body[i])
		var of map[string]json.RawMessage
		if err := json.Unmarshal(got.Body[i], &of); err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		if have := slices.Sorted(maps.Keys(of)); !slices.Equal(have, want) {
			t.Errorf("element %d has %q, want %q", i, have, want)
		}
	}
	if s := string(writeCard(card{})); !json.Valid([]byte(s)) || !bytes.HasSuffix([]byte(s), []byte(`"body":[]}`)) {
		t.Error(s)
	}
}

// everyString checks that a property that has words has all of them, and nothing else.
func everyString(t *testing.T, raw []byte) {
	t.Helper()
	ours := map[string]bool{hostile: true, "": true, "RichTextBlock": true, "TextRun": true, "Action.Execute": true, "Action.Submit": true, "none": true}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if !ours[v] {
				t.Errorf("%q", v)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	walk(v)
}
