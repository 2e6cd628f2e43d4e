package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestLongFlags(t *testing.T) {
	var c struct {
		Check struct {
			Config string `placeholder:"FILE"`
			Live   bool
			Tidy   bool `negatable:""`
		} `cmd:""`
		Inspect struct {
			Answer struct {
				Kind, Lang, Now string
				Verbose         bool `short:"v"`
			} `cmd:""`
		} `cmd:""`
	}
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"check -config FILE -live":                     "check --config FILE --live",
		"check -config=FILE":                           "check --config=FILE",
		"check --config FILE -no-tidy":                 "check --config FILE --no-tidy",
		"check -no-live":                               "check -no-live",
		"inspect answer -kind date -lang sv -now 2026": "inspect answer --kind date --lang sv --now 2026",
		"inspect answer -v -h -help":                   "inspect answer -v -h --help",
		"check -unknown -":                             "check -unknown -",
		"check -- -config":                             "check -- -config",
	} {
		if got := longFlags(parser.Model, strings.Fields(in)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: got %v, want %s", in, got, want)
		}
	}
}

// TestFlagsOfCommands holds the flags of the real commands to one dash.
func TestFlagsOfCommands(t *testing.T) {
	for _, args := range [][]string{
		{"-h"}, {"serve", "-h"}, {"replay", "-help"}, {"check", "-live", "-h"}, {"serve", "-config", "FILE", "-h"},
		{"inspect", "answer", "-kind", "date", "-lang", "sv", "-now", "2026-11-22T10:00", "-h"},
		{"replay", "-channel", "teams", "-out", "DIR", "-config", "FILE", "-h"},
	} {
		var out, errs strings.Builder
		if code := run(env{ctx: t.Context(), out: &out, err: &errs}, args); code != 0 || !strings.Contains(out.String(), "Usage: frist") {
			t.Errorf("%v: exit %d, %s%s", args, code, out.String(), errs.String())
		}
	}
}
