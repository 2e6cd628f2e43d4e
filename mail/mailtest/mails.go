package mailtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Deliver puts raw into the mailbox of to with internalDate as its INTERNALDATE
// and in its Received field, for a clock that is simulated. It is stamped as
// though from had logged in and submitted it, or had come by the MX if from is
// no account here.
func (s *Server) Deliver(from, to string, raw []byte, internalDate time.Time) error {
	e := envelope{from: from, helo: "localhost", peer: "127.0.0.1"}
	if _, ok := s.accounts[strings.ToLower(from)]; ok {
		e.user = strings.ToLower(from)
	}
	if err := s.deliver(e, to, raw, internalDate); err != nil {
		return fmt.Errorf("deliver mail: %w", err)
	}
	return nil
}

// Mails returns every mail that was delivered to the account of addr, oldest
// first, wherever it lies now. nil for an unknown account.
func (s *Server) Mails(addr string) [][]byte {
	a := s.lookup(addr)
	if a == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	mails := make([][]byte, len(a.mails))
	for i, raw := range a.mails {
		mails[i] = slices.Clone(raw)
	}
	return mails
}

// WaitFor returns the first mail delivered to addr that ok accepts, whether it
// has come already or comes before ctx ends. Each mail is shown to ok once.
func (s *Server) WaitFor(ctx context.Context, addr string, ok func(raw []byte) bool) ([]byte, error) {
	a := s.lookup(addr)
	if a == nil {
		return nil, errors.New("wait for mail: no such account")
	}
	for seen := 0; ; {
		changes := s.changes()
		s.mu.Lock()
		mails := a.mails[seen:]
		s.mu.Unlock()
		for _, raw := range mails {
			if raw = bytes.Clone(raw); ok(raw) {
				return raw, nil
			}
		}
		seen += len(mails)
		select {
		case <-changes:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for mail: %w", ctx.Err())
		}
	}
}
