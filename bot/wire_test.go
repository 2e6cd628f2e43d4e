package bot

import (
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzWire: an activity that is read as a whole is what it is when each member is read by itself.
func FuzzWire(f *testing.F) {
	f.Add([]byte(teamsMessage))
	for _, raw := range ways(f) {
		f.Add(raw)
	}
	for _, s := range []string{
		`{"type":"message","from":{"id":"a","name":"A"},"from":{"id":"b"}}`, `{"type":"message","from":{"id":"a","name":"A"},"FROM":{"id":"b"}}`,
		`{"type":"message","from":{"id":"a","name":"A"},"\u0066rom":{"id":"b"}}`, `{"type":"message","channelId":"x","channe\u006cId":null}`,
		`{"type":"message","text":"a","text" : null}`, `{"entities":[{"type":"a","text":"b"}],"entities":[{}]}`, `{"from":{"id":"a","name":"A"},"ſrom":{}}`,
		`{"type":"message","timestamp":"x","id":1,"attachments":{},"locale":[],"from":"y"}`, `{"type":1}`, `{"a":"\\","b":{"a":1},"c":["a","b"]}`,
		`null`, `[]`, `"`, `{"`, `{"a`, `{"a\`, `{"a":`, ``, `{"from":{"id":"a","id":"b"}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := readWire(raw)
		var odd oddActivity
		if wrong := json.Unmarshal(raw, &odd); (err != nil) != (wrong != nil) {
			t.Fatalf("%q: %v, by members %v", raw, err, wrong)
		}
		if err == nil && !reflect.DeepEqual(got, odd.plain()) {
			t.Errorf("%q:\n%+v\nby members:\n%+v", raw, got, odd.plain())
		}
	})
}
