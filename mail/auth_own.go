package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
)

// Resolver looks up TXT records; *net.Resolver does.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

const (
	maxSignatures = 10              // looked at in one mail
	dnsTimeout    = 5 * time.Second // for all lookups of one mail
	dnsGiveUp     = time.Hour       // after that a mail whose key cannot be looked up counts as unauthenticated
	maxSignedAge  = 7 * 24 * time.Hour
	maxStalls     = 4 // strangers' name servers that are waited for in vain within a minute: a mail behind theirs is not to wait for more
)

// ErrDNS means that a name server gave no answer: the mail may be tried again.
var ErrDNS = errors.New("dns gives no answer")

// Verifier checks by itself who wrote a mail, where no server of the organisation's says so: by DKIM (RFC 6376) over the raw mail, with
// the signer's domain aligned with From's (RFC 7489 section 3.1.1: relaxed, or strict where the domain's DMARC record says so). SPF is
// not looked at: only the server that took the mail in knows from where. It is safe for concurrent use.
//
// A signature is not relied on if it leaves From or the end of the body out (l=), if its key has less than 1024 bits, if it has expired, if
// it is a week older than the mail's arrival (a replay), or if a field that is read stands in the mail twice.
type Verifier struct {
	// Resolver is what looks names up.
	Resolver Resolver
	// Own tells the organisation's own addresses, nil for none. Strangers' name servers that give no answer are not waited for again and again;
	// its own are.
	Own func(addr string) bool
	// Now is real time; nil: time.Now.
	Now func() time.Time

	mu      sync.Mutex
	stalled []time.Time // when strangers' name servers gave no answer, in the last minute
	cache   map[string]records
	failing map[string]time.Time // by a mail's key: when the name server first failed it
}

// NewVerifier returns a Verifier that asks the system's name servers.
func NewVerifier() *Verifier { return &Verifier{Resolver: net.DefaultResolver} }

func (v *Verifier) now() time.Time {
	if v.Now != nil {
		return v.Now()
	}
	return time.Now()
}

// Verify tells whether the mail's From can be believed. received is when it came in, zero if that is not known. The error wraps ErrDNS.
func (v *Verifier) Verify(ctx context.Context, raw []byte, received time.Time) (Verdict, error) {
	m := Parse(raw)
	from, domain, ok := m.author()
	if !ok {
		return Verdict{Reason: AuthNoFrom}, nil
	}
	verdict := Verdict{Domain: domain, Reason: AuthUnsigned}
	if m.count("dkim-signature") == 0 {
		return verdict, nil
	}
	if raw, ok = strictMail(raw); !ok || m.doubled() {
		verdict.Reason = AuthMalformed
		return verdict, nil
	}
	own := v.Own != nil && v.Own(from)
	if !own && v.stalls(false) >= maxStalls {
		return verdict, fmt.Errorf("check signature: %w: too many have not answered of late", ErrDNS)
	}
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	q := &lookups{v: v, ctx: ctx, domain: domain}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: q.txt, MaxVerifications: maxSignatures})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		verdict.Reason = AuthMalformed
		return verdict, nil
	}
	for _, one := range found {
		if !alignedWith(one.Domain, domain, false) {
			continue
		}
		verdict.Reason = AuthSignature
		stale := !received.IsZero() && !one.Time.IsZero() && received.Sub(one.Time) > maxSignedAge
		if one.Err == nil && !stale && q.aligned(one.Domain) {
			return Verdict{OK: true, Reason: AuthDKIM, Domain: domain}, nil
		}
	}
	if q.failed != nil {
		v.stalls(!own)
		return verdict, fmt.Errorf("check signature: %w: %w", ErrDNS, q.failed)
	}
	return verdict, nil
}

// stalls counts the strangers' name servers that gave no answer within the last minute, with one more where another has not.
func (v *Verifier) stalls(another bool) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	v.stalled = slices.DeleteFunc(v.stalled, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	if another && len(v.stalled) < maxStalls {
		v.stalled = append(v.stalled, now)
	}
	return len(v.stalled)
}

// singles are the fields that are read and that may stand in a mail once (RFC 5322 section 3.6, RFC 2045). A signature covers the lowest
// of two, and the upper one is what is read.
var singles = []string{"from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
	"content-type", "content-transfer-encoding", "content-disposition"}

func (m *Message) doubled() bool {
	return slices.ContainsFunc(singles, func(name string) bool { return m.count(name) > 1 })
}

// strictMail returns the mail as it is signed, with CRLF; a file with LF alone gets it. ok is false for a header that two readers could read
// in two ways: a stray CR or LF, a line that is no field, an empty folded line.
func strictMail(raw []byte) (_ []byte, ok bool) {
	if bytes.IndexByte(raw, '\r') < 0 {
		raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
	}
	header, _, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok || len(header) > maxHeaderBytes {
		return nil, false
	}
	for i, line := range bytes.Split(header, []byte("\r\n")) {
		if bytes.ContainsAny(line, "\r\n\x00") || len(bytes.TrimSpace(line)) == 0 {
			return nil, false
		}
		if line[0] == ' ' || line[0] == '\t' {
			if i == 0 {
				return nil, false
			}
			continue
		}
		name, _, found := bytes.Cut(line, []byte(":"))
		if !found || len(name) == 0 || bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return nil, false
		}
	}
	return raw, true
}

// lookups are those for one mail. Names of other domains than From's organisation are not asked for: a stranger chooses them.
type lookups struct {
	v      *Verifier
	ctx    context.Context
	domain string

	mu     sync.Mutex
	failed error // why a lookup gave no answer
}

// txt serves both libraries, from several goroutines at once.
func (q *lookups) txt(name string) ([]string, error) {
	_, owner, _ := strings.Cut(name, "._domainkey.")
	if owner == "" {
		owner = strings.TrimPrefix(name, "_dmarc.")
	}
	absent := &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	if len(name) > 253 || !alignedWith(owner, q.domain, false) {
		return nil, absent
	}
	list, err := q.v.lookup(q.ctx, strings.ToLower(strings.TrimSuffix(name, "."))+".")
	if err != nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.failed = err
		return nil, err
	}
	if len(list) == 0 {
		return nil, absent
	}
	return list, nil
}

// aligned tells whether the signer's domain is aligned by From's domain's own rule. A domain that is the very same always is.
func (q *lookups) aligned(signer string) bool {
	if strings.EqualFold(signer, q.domain) {
		return true
	}
	for _, d := range slices.Compact([]string{q.domain, organisation(q.domain)}) {
		r, err := dmarc.LookupWithOptions(d, &dmarc.LookupOptions{LookupTXT: q.txt})
		if q.failed != nil {
			return false
		}
		if err == nil {
			return r.DKIMAlignment != dmarc.AlignmentStrict
		}
	}
	return true
}

// records are what a name server answered; none is an answer, too.
type records struct {
	txt   []string
	until time.Time
}

const (
	maxCached  = 1000
	cacheFound = 10 * time.Minute
	cacheNone  = time.Minute
)

// lookup asks for TXT records, none if the name has none.
func (v *Verifier) lookup(ctx context.Context, name string) ([]string, error) {
	v.mu.Lock()
	r, ok := v.cache[name]
	v.mu.Unlock()
	if ok && v.now().Before(r.until) {
		return r.txt, nil
	}
	list, err := v.Resolver.LookupTXT(ctx, name)
	keep := cacheFound
	if err != nil {
		if dns, ok := errors.AsType[*net.DNSError](err); !ok || !dns.IsNotFound {
			return nil, err
		}
		list, keep = nil, cacheNone
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cache == nil || len(v.cache) >= maxCached {
		v.cache = map[string]records{}
	}
	v.cache[name] = records{list, v.now().Add(keep)}
	return list, nil
}
