package conversation

import (
	"crypto/rand"
	"regexp"
	"testing"
	"time"
)

// Tokens of one second begin alike and have 100 bits of their own; those of the next begin otherwise.
func TestTokens(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	e := &Engine{Rand: rand.Reader, Now: func() time.Time { return now }}
	seen := map[string]bool{}
	begin := ""
	for range 1000 {
		token, err := e.token()
		if err != nil || !regexp.MustCompile(`^[a-z2-7]{26}$`).MatchString(token) {
			t.Fatalf("token %q, error %v", token, err)
		}
		if seen[token[6:]] {
			t.Fatalf("two tokens end with %q", token[6:])
		}
		seen[token[6:]] = true
		if begin == "" {
			begin = token[:5]
		}
		if token[:5] != begin {
			t.Fatalf("%s begins otherwise than %s", token, begin)
		}
	}
	now = now.Add(8 * time.Second) // the fifth character holds all but three of the time's bits
	if token, err := e.token(); err != nil || token[:5] == begin {
		t.Errorf("8 s later a token begins with %q as before, error %v", begin, err)
	}
}
