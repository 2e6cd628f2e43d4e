package conversation

import (
	"strings"
	"time"
)

// Pace is how fast a person writes by mail. It bounds what a machine that nothing gives away can set off.
type Pace struct {
	Hour    time.Time `json:"hour,omitzero"` // when the hour that is counted began
	Count   int       `json:"count,omitempty"`
	Same    string    `json:"same,omitempty"` // the last text's hash
	Repeats int       `json:"repeats,omitempty"`
	// Outside counts the answers in the hour that belonged to no incident.
	Outside int `json:"outside,omitempty"`
	// Reports counts the incidents begun in the hour.
	Reports int `json:"reports,omitempty"`
}

const (
	mailsAnHour   = 200 // of one person; a whole report by mail takes some twenty
	sameInARow    = 5   // of a text of more than four words
	reportsAnHour = 10  // incidents, each of which calls the DSO
	outsideAnHour = 6   // introductions and the like to one person
)

// tooMany counts a mail, and reports whether it is one more than a person would write. field is the question that it answers: "I do not know that
// now" to one question after another is no machine's repetition, and a form has an end.
func (p *Pace) tooMany(text, field string, now time.Time) bool {
	p.turn(now)
	p.Count++
	same := string(NewInboundID(bare(text), field))[:16]
	if same != p.Same || len(strings.Fields(text)) <= 4 {
		p.Same, p.Repeats = same, 0
	}
	p.Repeats++
	return p.Count > mailsAnHour || p.Repeats > sameInARow
}

// outside counts an answer that belongs to no incident, and reports whether it may still be given.
func (p *Pace) outside(now time.Time) bool {
	p.turn(now)
	p.Outside++
	return p.Outside <= outsideAnHour
}

// report counts an incident that is begun, and reports whether it may be.
func (p *Pace) report(now time.Time) bool {
	p.turn(now)
	p.Reports++
	return p.Reports <= reportsAnHour
}

// turn begins a new hour when the last is over.
func (p *Pace) turn(now time.Time) {
	if now.Sub(p.Hour) >= time.Hour {
		p.Hour, p.Count, p.Outside, p.Reports = now, 0, 0, 0
	}
}
