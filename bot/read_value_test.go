package bot

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"

	"frist/conversation"
)

// A pressed button says the same as Action.Execute and as the Action.Submit of an older client.
func TestReadValue(t *testing.T) {
	for data, want := range map[string]map[string]string{
		`{"token":"abc","field":"23","seen":"none","verb":"answer","exact":12}`:   {"token": "abc", "field": "23", "seen": "none", "exact": "12"},
		`{"token":"abc","verb":"answer","exact":12.5,"a":true,"b":1e21}`:          {"token": "abc", "exact": "12.5", "a": "true", "b": "1000000000000000000000"},
		`{"token":"abc","verb":"answer","x":{"y":[[[]]]},"z":null,"w":["1","2"]}`: {"token": "abc"},
		`{"token":"abc","verb":"answer","answer":"1,3","comment":"<b>\r\n${x}"}`:  {"token": "abc", "answer": "1,3", "comment": "<b>\r\n${x}"},
	} {
		for _, kind := range []string{TypeInvoke, TypeMessage} {
			value := data
			if kind == TypeInvoke {
				value = fmt.Sprintf(`{"action":{"type":"Action.Execute","verb":"answer","data":%s},"trigger":"manual"}`, data)
			}
			var in conversation.Inbound
			readValue(&in, &Activity{Type: kind, Value: json.RawMessage(value)})
			want := maps.Clone(want)
			want["verb"] = "answer"
			if !maps.Equal(in.Fields, want) || in.Token != "abc" {
				t.Errorf("%s %s: %v, want %v", kind, data, in.Fields, want)
			}
		}
	}
	for _, value := range []string{``, `[]`, `"x"`, `12`, `{"action":[]}`, `{`} {
		var in conversation.Inbound
		readValue(&in, &Activity{Type: TypeInvoke, Value: json.RawMessage(value)})
		if in.Token != "" || len(in.Fields) != 0 {
			t.Errorf("%s is read as %v", value, in.Fields)
		}
	}
}
