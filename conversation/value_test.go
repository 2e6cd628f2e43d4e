package conversation

import (
	"reflect"
	"testing"
	"time"
)

// Every field of an answer counts when two are compared, those that are added one day too.
func TestAnswersDifferInEachField(t *testing.T) {
	fresh := func() *Answer {
		n := int64(1)
		return &Answer{Value: Value{Exact: &n, Choices: []string{"a"}, Parts: map[string]string{"a": "b"}, Entries: []map[string]string{{"a": "b"}}}}
	}
	if a, b := fresh(), fresh(); !a.Equal(b) {
		t.Fatal("an answer differs from its copy")
	}
	change := func(name string, at func(*Answer) reflect.Value) {
		a, b := fresh(), fresh()
		v := at(b)
		switch v.Interface().(type) {
		case string, PersonID, Role, InboundID:
			v.SetString("other")
		case bool:
			v.SetBool(true)
		case int:
			v.SetInt(7)
		case time.Time:
			v.Set(reflect.ValueOf(time.Unix(1, 0)))
		case *int64:
			n := int64(2)
			v.Set(reflect.ValueOf(&n))
		case []string:
			v.Set(reflect.ValueOf([]string{"b"}))
		case map[string]string:
			v.Set(reflect.ValueOf(map[string]string{"a": "c"}))
		case []map[string]string:
			v.Set(reflect.ValueOf([]map[string]string{{"a": "c"}}))
		default:
			t.Fatalf("%s has a type that this test does not know", name)
		}
		if a.Equal(b) || b.Equal(a) {
			t.Errorf("answers that differ in %s are taken for the same", name)
		}
		if v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
			v.SetZero()
			if a.Equal(b) || b.Equal(a) {
				t.Errorf("an answer without %s is taken for one with it", name)
			}
		}
	}
	answer := reflect.TypeFor[Answer]()
	for i := range answer.NumField() {
		if f := answer.Field(i); f.Type != reflect.TypeFor[Value]() {
			change(f.Name, func(a *Answer) reflect.Value { return reflect.ValueOf(a).Elem().Field(i) })
		}
	}
	value := reflect.TypeFor[Value]()
	for i := range value.NumField() {
		change("Value."+value.Field(i).Name, func(a *Answer) reflect.Value { return reflect.ValueOf(&a.Value).Elem().Field(i) })
	}
}
