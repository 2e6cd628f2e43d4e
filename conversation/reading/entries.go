package reading

import (
	"sort"
	"strings"
)

// Label is a field of a group: the key that its value comes out under and the names that people write.
type Label struct {
	Key   string
	Names []string
}

// maxEntries bounds how many entries one message may hold.
const maxEntries = 500

// Entries reads entries of "label: value" lines, parted by lines of three or more hyphens. A value runs over the following
// lines to the next known label and comes out verbatim but for white space at its ends. A text without any label is
// EntriesNoLabel, for the caller to read otherwise.
func Entries(text string, labels []Label) ([]map[string]string, Problem) {
	names := map[string]string{}
	for _, l := range labels {
		for _, n := range append([]string{l.Key}, l.Names...) {
			names[bare(n)] = l.Key
		}
	}
	var e entries
	for _, line := range lines(text) {
		if e.line(line, names); !e.problem.OK() {
			return nil, e.problem
		}
	}
	e.close()
	switch {
	case len(e.done) == 0:
		return nil, Problem{Key: EntriesNoLabel, Detail: firstLine(strings.TrimSpace(text))}
	case len(e.done) > maxEntries:
		return nil, Problem{Key: TooLong}
	}
	return e.done, e.problem
}

type entries struct {
	done    []map[string]string
	current map[string][]string // lines of each value
	key     string              // of the value that is being read
	loose   string              // text that no label stands before
	problem Problem
}

func (e *entries) line(line string, names map[string]string) {
	if isRule(line) {
		e.close()
		return
	}
	if name, value, found := strings.Cut(line, ":"); found {
		if key, known := names[bare(strings.TrimLeft(name, "-*•> \t"))]; known {
			if e.current == nil {
				e.current = map[string][]string{}
			}
			if _, twice := e.current[key]; twice {
				e.problem = Problem{Key: EntriesTwice, Detail: strings.TrimSpace(name)}
				return
			}
			e.current[key], e.key = []string{strings.TrimLeft(value, " \t\u00a0")}, key
			return
		}
	}
	switch {
	case e.key != "":
		e.current[e.key] = append(e.current[e.key], line)
	case strings.TrimSpace(line) != "" && e.loose == "":
		e.loose = strings.TrimSpace(line)
	}
}

// close ends an entry.
func (e *entries) close() {
	if e.current != nil {
		entry := make(map[string]string, len(e.current))
		keys := make([]string, 0, len(e.current))
		for k := range e.current {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			entry[k] = strings.TrimRight(strings.TrimLeft(strings.Join(e.current[k], "\n"), "\n"), " \t\n\u00a0")
		}
		e.done = append(e.done, entry)
	}
	if e.loose != "" && e.current != nil {
		e.problem = Problem{Key: EntriesUnlabeled, Detail: e.loose}
	}
	e.current, e.key = nil, ""
}

// isRule reports whether a line parts two entries.
func isRule(line string) bool {
	s := strings.TrimSpace(fold(line))
	return len(s) >= 3 && strings.Trim(s, "-") == "" || s == "-" && strings.TrimSpace(line) == "—"
}
