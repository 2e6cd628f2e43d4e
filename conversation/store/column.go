package store

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// instant is a time as the tables have it: microseconds since 1970 in UTC, NULL for the zero time. Every year that a person may write fits.
type instant time.Time

// Value implements driver.Valuer.
func (i instant) Value() (driver.Value, error) {
	if t := time.Time(i); !t.IsZero() {
		return t.UnixMicro(), nil
	}
	return nil, nil
}

// Scan implements sql.Scanner.
func (i *instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = instant{}
	case int64:
		*i = instant(time.UnixMicro(v).UTC())
	default:
		return fmt.Errorf("an instant is an integer, not %T", src)
	}
	return nil
}

// ceil is the first whole microsecond at or after t: what is due must not come back as due a little too early.
func ceil(t time.Time) instant {
	if c := t.Truncate(time.Microsecond); c.Before(t) {
		return instant(c.Add(time.Microsecond))
	}
	return instant(t)
}

// nullable is NULL for the empty string.
type nullable string

// Value implements driver.Valuer.
func (n nullable) Value() (driver.Value, error) {
	if n == "" {
		return nil, nil
	}
	return string(n), nil
}

// Scan implements sql.Scanner.
func (n *nullable) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*n = ""
	case string:
		*n = nullable(v)
	case []byte:
		*n = nullable(v)
	default:
		return fmt.Errorf("a text is a string, not %T", src)
	}
	return nil
}

// clean makes a text that came from outside fit a column: PostgreSQL takes neither NUL nor invalid UTF-8.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// keyMax bounds what is indexed, in bytes; a PostgreSQL index row has room for about 2,700.
const keyMax = 1000

// indexable reports whether a text from outside may be a key as it stands. Cleaning would make two keys one.
func indexable(s string) bool {
	return s != "" && len(s) <= keyMax && utf8.ValidString(s) && !strings.Contains(s, "\x00")
}

// bareID is a Message-ID without its angle brackets (RFC 5322 section 3.6.4), "" if it cannot be one.
func bareID(id string) string {
	id = strings.TrimSpace(id)
	id = strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	if !indexable(id) {
		return ""
	}
	return id
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
