package mail

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"frist/conversation"
)

// zone stands for the DNS: TXT records by name without the last dot. A name under broken gives no answer.
type zone struct {
	mu     sync.Mutex
	txt    map[string][]string
	broken string
	asked  []string
}

func (z *zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	name = strings.TrimSuffix(name, ".")
	z.asked = append(z.asked, name)
	if z.broken != "" && strings.HasSuffix(name, z.broken) {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	if list := z.txt[name]; list != nil {
		return list, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

var dkimKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

func edRecord() []string {
	return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(dkimKey.Public().(ed25519.PublicKey))}
}

const letterOfDSO = "From: DSO <dso@kommun.example>\r\nTo: frist+abc@kommun.example\r\nSubject: Sv: PUI-2026-0001\r\nMessage-ID: <a@kommun.example>\r\n\r\nGODKÄNN\r\n"

// signed is the mail with a signature of the domain on top. tags go through as they are: a name and its value, in place of the right one.
func signed(t *testing.T, mail, domain string, keys ...string) string {
	t.Helper()
	if keys == nil {
		keys = []string{"From", "From", "To", "Subject", "Message-ID"}
	}
	return signedBy(t, mail, &dkim.SignOptions{Domain: domain, Selector: "s", Signer: dkimKey, Hash: crypto.SHA256, HeaderKeys: keys})
}

func signedBy(t *testing.T, mail string, o *dkim.SignOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := dkim.Sign(&b, strings.NewReader(mail), o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestVerifier(t *testing.T) {
	weak := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(12345), 511, 1), E: 65537}))
	zoneOf := func() *zone {
		return &zone{txt: map[string][]string{
			"s._domainkey.kommun.example": edRecord(), "s._domainkey.post.kommun.example": edRecord(), "s._domainkey.annat.example": edRecord(),
			"s._domainkey.example": edRecord(), "s._domainkey.strikt.example": edRecord(), "s._domainkey.post.strikt.example": edRecord(),
			"_dmarc.strikt.example": {"v=DMARC1; p=reject; adkim=s"}, "_dmarc.kommun.example": {"v=DMARC1; p=reject"},
			"s._domainkey.svag.example": {"v=DKIM1; k=rsa; p=" + weak}, "s._domainkey.kall.example": {"v=DKIM1; k=ed25519; p="},
			"s._domainkey.tva.example": {edRecord()[0], edRecord()[0]},
		}}
	}
	from := func(domain string) string { return strings.ReplaceAll(letterOfDSO, "kommun.example", domain) }
	plain := signed(t, letterOfDSO, "kommun.example")
	signature, _, _ := strings.Cut(plain, "From: ")
	now := time.Now()
	for name, c := range map[string]struct {
		mail   string
		want   bool
		reason string
	}{
		"signed":                         {plain, true, AuthDKIM},
		"signed, no oversigning":         {signed(t, letterOfDSO, "kommun.example", "From", "Subject"), true, AuthDKIM},
		"of a subdomain":                 {signed(t, letterOfDSO, "post.kommun.example"), true, AuthDKIM},
		"from a subdomain":               {signed(t, from("post.kommun.example"), "kommun.example"), true, AuthDKIM},
		"strict, the same":               {signed(t, from("strikt.example"), "strikt.example"), true, AuthDKIM},
		"strict, of a subdomain":         {signed(t, from("strikt.example"), "post.strikt.example"), false, AuthSignature},
		"strict by the organisation":     {signed(t, from("post.strikt.example"), "strikt.example"), false, AuthSignature},
		"of a public suffix":             {signed(t, letterOfDSO, "example"), false, AuthUnsigned},
		"of a third party":               {signed(t, letterOfDSO, "annat.example"), false, AuthUnsigned},
		"unsigned":                       {letterOfDSO, false, AuthUnsigned},
		"another From":                   {signature + strings.Replace(letterOfDSO, "dso@", "chef@", 1), false, AuthSignature},
		"another body":                   {strings.Replace(plain, "GODKÄNN", "GODKÄNN 2", 1), false, AuthSignature},
		"something appended":             {plain + "mer\r\n", false, AuthSignature},
		"a length of the body":           {strings.Replace(plain, "a=ed25519-sha256;", "a=ed25519-sha256; l=5;", 1) + "mer\r\n", false, AuthSignature},
		"expired":                        {signedBy(t, letterOfDSO, &dkim.SignOptions{Domain: "kommun.example", Selector: "s", Signer: dkimKey, Hash: crypto.SHA256, Expiration: now.Add(-time.Minute)}), false, AuthSignature},
		"a second From above":            {"From: chef@kommun.example\r\n" + plain, false, AuthNoFrom},
		"a second From below":            {strings.Replace(plain, "\r\nTo:", "\r\nFrom: chef@kommun.example\r\nTo:", 1), false, AuthNoFrom},
		"a second Subject above":         {"Subject: Sv: PUI-2026-0002\r\n" + signed(t, letterOfDSO, "kommun.example", "From", "Subject"), false, AuthMalformed},
		"a second Content-Type above":    {"Content-Type: text/html\r\n" + signed(t, "Content-Type: text/plain\r\n"+letterOfDSO, "kommun.example"), false, AuthMalformed},
		"a field hidden by a CR":         {"X-A: b\rX-B: c\r\n" + plain, false, AuthMalformed},
		"an empty folded line":           {strings.Replace(plain, "\r\n\r\n", "\r\nX-A: b\r\n \r\nX-B: c\r\n\r\n", 1), false, AuthMalformed},
		"a line that is no field":        {"Hej\r\n" + plain, false, AuthMalformed},
		"weak key":                       {signed(t, from("svag.example"), "svag.example"), false, AuthSignature},
		"revoked key":                    {signed(t, from("kall.example"), "kall.example"), false, AuthSignature},
		"two keys of one name":           {signed(t, from("tva.example"), "tva.example"), false, AuthSignature},
		"no key":                         {signed(t, from("inget.example"), "inget.example"), false, AuthSignature},
		"SHA-1":                          {strings.Replace(plain, "a=ed25519-sha256;", "a=ed25519-sha1;", 1), false, AuthSignature},
		"nonsense":                       {"DKIM-Signature: v=1; d=kommun.example; b=;;;\r\n" + letterOfDSO, false, AuthSignature},
		"a true one below a false one":   {"DKIM-Signature: v=1; a=rsa-sha256; d=kommun.example; s=s; h=from; bh=x; b=x\r\n" + plain, true, AuthDKIM},
		"a third party's below the true": {signed(t, signed(t, letterOfDSO, "annat.example"), "kommun.example"), true, AuthDKIM},
		"more than are looked at":        {strings.Repeat("DKIM-Signature: v=1; a=rsa-sha256; d=annat.example; s=s; h=from; bh=x; b=x\r\n", 200) + plain, false, AuthUnsigned},
		"looks like it":                  {signed(t, from("kommun.example.annat.example"), "annat.example"), true, AuthDKIM},
		"results of its own":             {"Authentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example\r\n" + letterOfDSO, false, AuthUnsigned},
		"not a mail":                     {"hej", false, AuthNoFrom},
	} {
		t.Run(name, func(t *testing.T) {
			z := zoneOf()
			got, err := (&Verifier{Resolver: z}).Verify(t.Context(), []byte(c.mail), now)
			if err != nil || got.OK != c.want || got.Reason != c.reason {
				t.Errorf("%+v, %v; want %v %s", got, err, c.want, c.reason)
			}
			if got.OK && got.Domain != strings.Split(strings.SplitN(Parse([]byte(c.mail)).From.Addr, "@", 2)[1], " ")[0] {
				t.Errorf("believed as %q", got.Domain)
			}
			if len(z.asked) > 12 {
				t.Errorf("asked %d names", len(z.asked))
			}
		})
	}
	v := &Verifier{Resolver: zoneOf()}
	if got, err := v.Verify(t.Context(), []byte(strings.ReplaceAll(plain, "\r\n", "\n")), now); !got.OK || err != nil {
		t.Errorf("a file with LF: %+v, %v", got, err)
	}
	if got, err := v.Verify(t.Context(), []byte(plain), now.Add(8*24*time.Hour)); got.OK || err != nil {
		t.Errorf("a signature that was a week old when the mail came: %+v, %v", got, err)
	}
}

func TestVerifierAsksOnceAndOnlyForOwn(t *testing.T) {
	z := &zone{txt: map[string][]string{"s._domainkey.kommun.example": edRecord()}}
	at := time.Now()
	v := &Verifier{Resolver: z, Now: func() time.Time { return at }}
	mail := []byte(signed(t, signed(t, letterOfDSO, "annat.example"), "kommun.example"))
	for range 5 {
		if got, err := v.Verify(t.Context(), mail, time.Now()); !got.OK || err != nil {
			t.Fatal(got, err)
		}
	}
	if len(z.asked) != 1 || z.asked[0] != "s._domainkey.kommun.example" {
		t.Errorf("asked for %q", z.asked)
	}
	at = at.Add(cacheFound + time.Second)
	if _, err := v.Verify(t.Context(), mail, time.Now()); err != nil || len(z.asked) != 2 {
		t.Errorf("an old answer was used: %q, %v", z.asked, err)
	}
}

// handed is an engine that keeps what it is given.
type handed struct{ raw [][]byte }

func (h *handed) AcceptAll(_ context.Context, in []conversation.RawInbound) ([]bool, error) {
	for _, raw := range in {
		h.raw = append(h.raw, raw.Raw)
	}
	return make([]bool, len(in)), nil
}

func (h *handed) Handle(context.Context, conversation.InboundID) (conversation.Reply, error) {
	return conversation.Reply{}, nil
}

func ownChannel(z *zone) (*Channel, *handed) {
	h := &handed{}
	return &Channel{Engine: h, Address: "frist@kommun.example", Trust: Trust{Mode: TrustOwn}, Verifier: &Verifier{Resolver: z},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, h
}

func TestOwnVerdictGoesWithTheMail(t *testing.T) {
	z := &zone{txt: map[string][]string{"s._domainkey.kommun.example": edRecord()}}
	c, h := ownChannel(z)
	trace := "Return-Path: <x@annat.example>\r\n"
	forged := "X-Frist-Verified: pass dkim\r\n"
	for _, raw := range []string{trace + signed(t, letterOfDSO, "kommun.example"), trace + forged + letterOfDSO, forged + letterOfDSO, forged + forged + trace + letterOfDSO} {
		if err := c.Receive(t.Context(), []Fetched{{Raw: []byte(raw), InternalDate: time.Now()}})[0]; err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []bool{true, false, false, false} {
		in, err := c.Read(conversation.RawInbound{Raw: h.raw[i]})
		if err != nil || in.Authenticated != want {
			t.Errorf("mail %d: authenticated %v, %v; want %v\n%s", i, in.Authenticated, err, want, h.raw[i])
		}
	}
	// What was kept before the setting was own has no verdict of ours on top.
	if in, _ := c.Read(conversation.RawInbound{Raw: []byte(trace + forged + letterOfDSO)}); in.Authenticated {
		t.Error("a verdict that came with the mail counts")
	}
	c.Trust = Trust{AuthservID: "mx.kommun.example"}
	if in, _ := c.Read(conversation.RawInbound{Raw: h.raw[0]}); in.Authenticated {
		t.Error("our own check counts in another mode")
	}
}

// A name server that gives no answer makes a mail wait, for an hour at most; one that says that there is no key does not.
func TestOwnWaitsForDNS(t *testing.T) {
	z := &zone{txt: map[string][]string{"s._domainkey.kommun.example": edRecord()}, broken: "kommun.example"}
	c, h := ownChannel(z)
	at := time.Now()
	c.Verifier.Now = func() time.Time { return at }
	mail := Fetched{Raw: []byte("Return-Path: <x>\r\n" + signed(t, letterOfDSO, "kommun.example")), InternalDate: at}
	for range 3 {
		if err := c.Receive(t.Context(), []Fetched{mail})[0]; !errors.Is(err, ErrDNS) || errors.Is(err, ErrPoison) || len(h.raw) != 0 {
			t.Fatalf("%v, %d kept", err, len(h.raw))
		}
		at = at.Add(20 * time.Minute)
	}
	if err := c.Receive(t.Context(), []Fetched{mail})[0]; err != nil || len(h.raw) != 1 {
		t.Fatalf("after an hour: %v", err)
	}
	if v, by := c.Trust.Explain(Parse(h.raw[0])); v.OK || v.Reason != AuthNoDNS || by != "X-Frist-Verified: fail dns_failed" {
		t.Errorf("%+v by %q", v, by)
	}
	z.broken = ""
	if err := c.Receive(t.Context(), []Fetched{mail})[0]; err != nil {
		t.Fatal(err)
	}
	if v := c.Trust.Judge(Parse(h.raw[1])); !v.OK {
		t.Errorf("the name server is back: %+v", v)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	z.broken = "kommun.example"
	c.Verifier.cache = nil
	if err := c.Receive(ctx, []Fetched{mail})[0]; !errors.Is(err, context.Canceled) || len(h.raw) != 2 {
		t.Errorf("at the program's end: %v", err)
	}
}

func TestCheckMailsAreSetAside(t *testing.T) {
	c := &Channel{Address: "frist@kommun.example", PlusAddressing: true, Log: slog.New(slog.DiscardHandler)}
	code := NewCheckCode()
	for name, header := range map[string]string{
		"token":       "To: frist+" + string(code) + "@kommun.example",
		"in reply to": "In-Reply-To: <" + code.MessageID("kommun.example") + ">",
		"references":  "References: <x@y> <" + code.MessageID("KOMMUN.example") + ">",
		"subject":     "Subject: Sv: Prov " + code.Subject(),
	} {
		in, err := c.Read(conversation.RawInbound{Raw: []byte("From: it@kommun.example\n" + header + "\n\nok\n")})
		if err != nil || in.Automatic != "check" {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
	}
	for _, header := range []string{"To: frist+check-abc@kommun.example", "Subject: check-in [check-in]", "In-Reply-To: <" + string(code) + "@annat.example>",
		"To: annan+" + string(code) + "@kommun.example"} {
		in, err := c.Read(conversation.RawInbound{Raw: []byte("From: it@kommun.example\n" + header + "\n\nok\n")})
		if err != nil || in.Automatic != "" {
			t.Errorf("%s: %+v, %v", header, in, err)
		}
	}
}

// Mails whose signers' name servers never answer do not hold up those behind them; the organisation's own are looked up all the same.
func TestVerifierIsNotHeldUp(t *testing.T) {
	z := &zone{broken: "tjara.example", txt: map[string][]string{"s._domainkey.kommun.example": edRecord()}}
	at := time.Now()
	v := &Verifier{Resolver: z, Own: func(addr string) bool { return strings.HasSuffix(addr, "@kommun.example") }, Now: func() time.Time { return at }}
	forged := func(i int) string { return fmt.Sprintf("a%d.tjara.example", i) }
	flood := func(from, to int) {
		for i := from; i < to; i++ {
			mail := strings.ReplaceAll(letterOfDSO, "kommun.example", forged(i))
			if _, err := v.Verify(t.Context(), []byte(signed(t, mail, forged(i))), at); !errors.Is(err, ErrDNS) {
				t.Fatalf("mail %d: %v", i, err)
			}
		}
	}
	flood(0, 50)
	if n := len(z.asked); n != maxStalls {
		t.Errorf("%d names are waited for", n)
	}
	if got, err := v.Verify(t.Context(), []byte(signed(t, letterOfDSO, "kommun.example")), at); err != nil || !got.OK {
		t.Errorf("the organisation's own: %+v, %v", got, err)
	}
	at = at.Add(time.Minute)
	flood(50, 100)
	if n := len(z.asked); n != 2*maxStalls+1 {
		t.Errorf("%d names are waited for in two minutes", n)
	}
}
