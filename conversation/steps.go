package conversation

import (
	"regexp"
	"slices"
	"strings"
)

var donePattern = regexp.MustCompile(`(?i)^\s*(?:gjort|gjorde|done)\s*:?\s*([1-9](?:[\s,;&+]|och|and|[1-9])*)[.!]?\s*$`)

// stepsDone notes advised steps as done: "gjort 1, 3".
func (t *turn) stepsDone(text string) bool {
	m := donePattern.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	kind := ""
	if fd := t.Form.Field(FieldKind); fd != nil {
		if o := fd.Option(t.Incident.Answers[FieldKind].Value.Choice); o != nil {
			kind = o.Key
		}
	}
	var noted, unknown []string
	for _, d := range regexp.MustCompile(`[1-9]`).FindAllString(m[1], -1) {
		if n := int(d[0] - '0'); n > Steps[kind] {
			unknown = append(unknown, d)
			continue
		}
		if !slices.Contains(t.Conversation.Steps, d) {
			t.Conversation.Steps = append(t.Conversation.Steps, d)
			t.event(eventStepDone, "", kind+" "+d)
		}
		noted = append(noted, d)
	}
	if len(noted) > 0 {
		t.say(TextStepNoted, "steps", strings.Join(noted, ", "))
	}
	if len(unknown) > 0 {
		t.say(TextStepUnknown, "steps", strings.Join(unknown, ", "))
	}
	return true
}
