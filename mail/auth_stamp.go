package mail

import (
	"context"
	"errors"
	"strings"
	"time"
)

// verifiedField carries what our own check of a mail found, from where it is received to where it is read: a turn does no I/O, so the check
// comes before it. It is believed only where we put it, above all that came.
const verifiedField = "X-Frist-Verified"

// stamp puts the verdict of our own check on top of a mail, if that is what mail.authentication asks for. The error means that a name server
// gave no answer: the mail stays in the mailbox and is tried again, for an hour.
func (c *Channel) stamp(ctx context.Context, raw []byte, received time.Time) ([]byte, error) {
	if c.Trust.Mode != TrustOwn {
		return raw, nil
	}
	v, err := c.Verifier.Verify(ctx, raw, received)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !c.Verifier.patience(key(raw), err) {
		return nil, err
	}
	if err != nil {
		v.Reason = AuthNoDNS
		c.Log.Warn("a mail's signature could not be checked for an hour; its sender counts as unknown", "error", err)
	}
	word := "fail"
	if v.OK {
		word = "pass"
	}
	return marked(raw, verifiedField+": "+word+" "+v.Reason), nil
}

// key tells one mail from another in a short list.
func key(raw []byte) string { return string(inboundID(Parse(raw), raw, normaliseLines(raw))) }

// patience tells whether a mail is done with: checked, or in vain for too long.
func (v *Verifier) patience(key string, err error) (done bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !errors.Is(err, ErrDNS) {
		delete(v.failing, key)
		return true
	}
	since, known := v.failing[key]
	switch {
	case !known:
		if v.failing == nil || len(v.failing) >= maxCached {
			v.failing = map[string]time.Time{}
		}
		v.failing[key] = v.now()
		return false
	case v.now().Sub(since) < dnsGiveUp:
		return false
	}
	delete(v.failing, key)
	return true
}

// byStamp reads the verdict of our own check. Only the fields of ours that stand above all others can be ours; of those the topmost is.
func (m *Message) byStamp() (ok bool, reason, by string) {
	for _, f := range m.fields {
		if !strings.HasPrefix(f.name, "x-frist-") {
			break
		}
		if f.name == strings.ToLower(verifiedField) {
			value := strings.TrimSpace(f.value)
			word, reason, _ := strings.Cut(value, " ")
			return word == "pass", reason, verifiedField + ": " + value
		}
	}
	return false, AuthUnchecked, ""
}
