package conversation

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const privat = "anna.privat@hem.example"

// An employee writes from a private address on a Saturday: the DSO hears of it at once, the sender nothing but that it came, and the clock runs from

// that mail; confirmed, the questions go there.

func TestUnverifiedReportIsConfirmed(t *testing.T) {
	w := newWorld(t)
	w.now = time.Date(2026, 11, 21, 9, 5, 0, 0, time.UTC)
	at := w.now
	w.say(said{From: privat, Subject: "Hjälp", Text: "Jag har tappat min jobbdator på tåget, 19850709-9805 ligger i ett dokument"})
	in := w.incident()
	if in.Status != StatusUnverified || in.Unverified != UnverifiedUnknown || in.Reporter != "" || in.conversation(w.person(privat).ID) != nil {
		t.Fatalf("status %s %s, reporter %q", in.Status, in.Unverified, in.Reporter)
	}
	if strings.Contains(in.FirstMessage, "9805") || !strings.Contains(in.FirstMessage, "tappat min jobbdator") {
		t.Errorf("first message %q", in.FirstMessage)
	}
	alert := w.last(kim)
	w.wantKey(alert, TextAlertUnverified)
	if alert.Kind != MessageAlert || alert.Choices[0].Reply != "bekräfta" {
		t.Errorf("%s with %v", alert.Kind, alert.Choices)
	}
	polite := w.to(privat)
	if len(polite) != 1 || polite[0].Number != "" || polite[0].Incident != "" || !slices.Equal(keys(polite[0]), []string{TextUnknownSender}) {
		t.Fatalf("the sender is told %+v", polite)
	}
	w.now = w.now.Add(10 * time.Minute)
	w.mail(privat, "Den är inte låst heller, det var mellan Borås och Göteborg")
	if n := len(w.m.Inc); n != 1 || !strings.Contains(w.incident().FirstMessage, "Borås") {
		t.Errorf("%d incidents, %q", n, w.incident().FirstMessage)
	}
	if len(w.to(privat)) != 1 {
		t.Error("the sender is answered twice")
	}
	w.answer(kim, "29: 3")
	w.wantKey(w.last(kim), TextUnverifiedHow)
	w.answer(kim, "visa")
	shown := w.last(kim)
	w.wantKey(shown, TextUnverifiedHow)
	if d := shown.Document; d == nil || d.Reporter != privat || !strings.Contains(d.FirstMessage, "tappat") || len(d.Applies)+len(d.Open)+len(d.Proposals) > 0 || len(shown.Choices) != 2 {
		t.Errorf("shown: %+v", shown)
	}
	w.answer(kim, "bekräfta")
	in = w.incident()
	if in.Status != StatusReported || in.Reporter != w.person(privat).ID || in.Watch.TakenBy != w.person(kim).ID || !in.AwareAt.Equal(at) {
		t.Errorf("status %s, reporter %q, taken by %q, aware %s", in.Status, in.Reporter, in.Watch.TakenBy, in.AwareAt)
	}
	w.wantKey(w.last(kim), TextConfirmedAsks)
	q := w.last(privat)
	w.wantKey(q, TextReceipt)
	if q.Question == nil || q.Channel != ChannelMail {
		t.Fatalf("the reporter is asked nothing: %+v", q)
	}
	w.answer(privat, "nej")
	if len(w.incident().Answers) == 0 || w.last(privat).Question.Field == q.Question.Field {
		t.Error("the answer from the private address did not count")
	}
}

func TestUnverifiedReportIsDismissed(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: "offer@spam.example", Text: "You have won a prize, click to claim it now"})
	w.answer(kim, "avfärda")
	if in := w.incident(); in.Status != StatusWithdrawn || in.ClosedAt.IsZero() {
		t.Errorf("status %s", in.Status)
	}
	n := len(w.m.Out)
	w.clock(100 * time.Hour)
	if len(w.m.Out) != n {
		t.Errorf("%d messages about a dismissed report", len(w.m.Out)-n)
	}
}

// Nobody vouches for the address: nothing goes to it, and its owner's own conversation is not touched.

func TestForgedFirstReport(t *testing.T) {
	w := newWorld(t)
	w.e.Organisation.Administrator = "it@exempelstad.example"
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	asked, people := w.last(anna), len(w.to(anna))
	w.say(said{From: anna, Anonymous: true, Text: "Vi har blivit av med en server"})
	w.say(said{From: "okand@ute.example", Anonymous: true, Text: "Er app visar andras uppgifter"})
	if len(w.m.Inc) != 3 || len(w.to(anna)) != people || len(w.to("okand@ute.example")) != 0 {
		t.Fatalf("%d incidents, %d messages to anna", len(w.m.Inc), len(w.to(anna)))
	}
	w.say(said{From: anna, Text: "nej", Token: asked.Token, References: []string{asked.MessageID}})
	if got := w.last(anna); got.Number != asked.Number || got.Question == nil || got.Question.Field == asked.Question.Field {
		t.Errorf("anna's own conversation is at %+v", got.Question)
	}
	w.answer(kim, "bekräfta")
	if a := lineOf(w.last(kim), TextConfirmedAsks); a["why"] != UnverifiedForged {
		t.Errorf("who confirms is not told that answers from there do not count: %v", w.last(kim).Lines)
	}
	for _, text := range []string{"hej", "", "HJÄLP", "godkänn"} {
		w.say(said{From: "okand2@ute.example", Anonymous: true, Text: text})
	}
	if len(w.m.Inc) != 3 {
		t.Errorf("a greeting opened an incident")
	}
}

// A flood of mail becomes no flood of alerts, and none of it is lost.

func TestUnverifiedFlood(t *testing.T) {
	w := newWorld(t)
	w.e.Organisation.Administrator = "it@exempelstad.example"
	for i := range 50 {
		w.say(said{From: "a" + strings.Repeat("x", i) + "@flod.example", Anonymous: true, Text: "Vi har hittat en läcka hos er"})
	}
	w.say(said{From: privat, Text: "Jag har tappat min jobbdator på tåget"})
	alerts := func() (n int) {
		for _, o := range w.to(kim) {
			if o.Kind == MessageAlert {
				n++
			}
		}
		return n
	}
	if n := alerts(); n != announcedAnHour+1 {
		t.Errorf("%d alerts at once", n)
	}
	if in := w.incident(); len(w.m.Inc) != unverifiedADay+1 || in.Claimed != w.person(privat).ID {
		t.Errorf("%d incidents; the authenticated one is crowded out by those that are not", len(w.m.Inc))
	}
	if _, err := w.m.PersonByAddress(Address{Channel: ChannelMail, ID: "a" + strings.Repeat("x", 49) + "@flod.example"}); err == nil {
		t.Error("each forged address is kept as a person")
	}
	w.wantKey(w.last("it@exempelstad.example"), AlarmUnverified)
	w.clock(time.Hour)
	if n := alerts(); n != unverifiedADay+1 {
		t.Errorf("%d alerts after an hour", n)
	}
}

// An automatic reply that says that the DSO is away calls the deputy at once, and at the next incident too.

// What comes back goes out on the person's other channel; else somebody else is turned to.

// A colleague who had a copy answers in the thread before the reporter does.

func TestColleaguesWordsAreNotes(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	q := w.last(anna)
	eva := "eva@exempelstad.example"
	for range 3 {
		w.say(said{From: eva, Name: "Kim Exempel", Text: "Nej, inga skyddade. Listan gällde 850709-9805.", Token: q.Token, References: []string{q.MessageID}})
	}
	in := w.incident()
	if len(in.Notes) != 3 || in.Notes[0].From != eva || strings.Contains(in.Notes[0].Text, "9805") {
		t.Fatalf("notes %+v", in.Notes)
	}
	if _, ok := in.Answers[q.Question.Field]; ok || in.conversation(w.person(eva).ID) != nil {
		t.Error("the colleague answered for the reporter")
	}
	w.wantKey(w.last(kim), TextNoteFrom)
	if n := len(w.to(eva)); n != 1 || w.last(eva).Number != "" {
		t.Errorf("%d messages to the colleague", n)
	}
	w.answer(kim, "visa")
	if d := w.last(kim).Document; d == nil || len(d.Notes) != 3 {
		t.Error("the DSO is not shown the notes")
	}
	w.say(said{From: eva, Text: "Nytt: jag har tappat min jobbtelefon i går", Token: q.Token, References: []string{q.MessageID}})
	if len(w.m.Inc) != 2 {
		t.Error("a colleague cannot report from the thread")
	}
	w.say(said{From: privat, Text: "Får jag också se?", Token: q.Token, References: []string{q.MessageID}})
	w.wantKey(w.last(kim), TextStrangerWrote)
	if _, err := w.m.PersonByAddress(Address{Channel: ChannelMail, ID: privat}); err == nil && len(w.to(privat)) > 0 {
		t.Error("a stranger is answered")
	}
}

// Who answers the reporter's own mail, of which they had a copy, is in its incident; and the reporter who writes on to it as well.

func TestAnswerToTheReportersOwnMail(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	own := string(w.m.Order[0]) + "@client.example"
	eva := "eva@exempelstad.example"
	w.say(said{From: eva, Text: "Bra att du säger till, Anna. Jag ringer mottagaren nu.", References: []string{own}})
	if in := w.incident(); len(w.m.Inc) != 1 || len(in.Notes) != 1 {
		t.Fatalf("%d incidents, %d notes", len(w.m.Inc), len(in.Notes))
	}
	w.say(said{From: anna, Text: "Det var femton personer på listan", References: []string{own}})
	if slices.Contains(keys(w.last(anna)), TextNewOrThis) || len(w.m.Inc) != 1 {
		t.Errorf("anna is asked where it belongs: %v", keys(w.last(anna)))
	}
	w.say(said{From: privat, Text: "Vi har hittat en läcka", Subject: "x"})
	theirs := string(w.m.Order[len(w.m.Order)-1]) + "@client.example"
	w.say(said{From: privat, Text: "Den är stor", References: []string{theirs}})
	if in := w.incident(); in.Status != StatusUnverified || !strings.Contains(in.FirstMessage, "Den är stor") || len(w.to(privat)) != 1 {
		t.Errorf("%s %q, %d to the sender", in.Status, in.FirstMessage, len(w.to(privat)))
	}
}

// A colleague to whom a mail was passed on answers under its number: a note; a number in the text alone is no address.

func TestColleagueNamesTheNumber(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	n := w.incident().Number
	w.say(said{From: "eva@exempelstad.example", Subject: "VB: [" + n + "] Din incidentrapport", Text: "Jag hjälper till med det här."})
	if in := w.incident(); len(w.m.Inc) != 1 || len(in.Notes) != 1 {
		t.Fatalf("%d incidents, %d notes", len(w.m.Inc), len(in.Notes))
	}
	w.say(said{From: "bo@exempelstad.example", Subject: "Tappad telefon", Text: "Jag har också tappat min telefon, precis som i " + n})
	if len(w.m.Inc) != 2 {
		t.Error("a report that names another's number in its text is lost")
	}
}

// Mail programs remember addresses: a new report to an old question's address overwrites nothing.

func TestRememberedAddress(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	old := w.to(anna)[3]
	before := w.incident().Answers["16"].Value.Text
	for _, o := range w.to(anna) {
		if o.Question != nil && o.Question.Field == "16" {
			old = o
		}
	}
	w.say(said{From: anna, Subject: "Borttappad telefon", Text: "Jag har tappat min telefon på bussen", Token: old.Token})
	w.wantKey(w.last(anna), TextNewOrThis)
	if got := w.incident().Answers["16"].Value.Text; got != before {
		t.Errorf("16 is %q", got)
	}
	w.answer(anna, "nytt")
	if len(w.m.Inc) != 2 || !strings.Contains(w.incident().FirstMessage, "telefon på bussen") {
		t.Error("it did not become a new incident")
	}
	// A ready answer from a link has no references either, but our subject; and a date is an answer to a question for one.
	w.say(said{From: anna, Subject: "Re: [PUI-2026-0001] Din incidentrapport", Text: "Rättat: det var en helt annan lista", Token: old.Token})
	in, _ := w.m.IncidentByNumber("PUI-2026-0001")
	if got := in.Answers["16"].Value.Text; !strings.HasPrefix(got, "Rättat") {
		t.Errorf("16 is %q", got)
	}
}

func TestOnePersonsMailIsBounded(t *testing.T) {
	w := newWorld(t)
	w.e.Organisation.Administrator = "it@exempelstad.example"
	for range 30 {
		w.mail(anna, "hej")
	}
	if n := len(w.to(anna)); n != outsideAnHour {
		t.Errorf("%d answers to greetings", n)
	}
	w.now = w.now.Add(time.Hour)
	for range 20 {
		w.mail("bo@exempelstad.example", "Nytt: tack för ditt meddelande, vi svarar så snart vi kan")
	}
	if n := len(w.m.Inc); n != sameInARow {
		t.Errorf("a machine opened %d incidents", n)
	}
	w.wantKey(w.last("it@exempelstad.example"), AlarmTooMany)
}

func TestEncryptedMailIsAnswered(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: anna, Encrypted: "smime", Subject: "Incident"})
	w.wantKey(w.last(anna), TextEncrypted)
	at := w.now
	w.now = w.now.Add(time.Hour)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	if in := w.incident(); !in.AwareAt.Equal(at) {
		t.Errorf("aware at %s, not when the encrypted mail came", in.AwareAt)
	}
	q := w.last(anna)
	w.say(said{From: anna, Encrypted: "pgp", Token: q.Token, References: []string{q.MessageID}})
	w.wantKey(w.last(anna), TextEncrypted)
	if w.incident().Answers[q.Question.Field].Value.Text != "" {
		t.Error("an encrypted mail answered a question")
	}
}

// An unknown sender whose mail cannot be read is told no more than any other.

func TestUnreadableFromUnknownSender(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.say(said{From: privat, Encrypted: "smime", Subject: "Viktigt"})
	}
	if n := len(w.to(privat)); n != 1 || !slices.Equal(keys(w.last(privat)), []string{TextUnknownSender}) {
		t.Errorf("%d messages: %v", n, keys(w.last(privat)))
	}
	if in := w.incident(); in.Status != StatusUnverified || len(w.m.Inc) != 1 {
		t.Errorf("%d incidents, %s", len(w.m.Inc), in.Status)
	}
}

// What was cut from a mail is kept, but for attachments and national identity numbers.

func TestWhatIsKept(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.say(said{From: anna, Text: "nej", Whole: "nej\n\n> Gäller 850709-9805, skrev Eva", Files: []Attachment{{Name: "lista.csv", Type: "text/csv", Size: 10}},
		Token: w.last(anna).Token, References: []string{w.last(anna).MessageID}})
	id := w.m.Order[len(w.m.Order)-1]
	if got := w.m.Reduced[id]; !strings.Contains(got, "skrev Eva") || strings.Contains(got, "9805") {
		t.Errorf("kept %q", got)
	}
}

// Where it is not certain what of a mail is new, its writer is asked before it counts.

func TestDoubtfulTextIsConfirmed(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(anna, "nej")
	w.wantAsked(anna, "phone")
	doubtful := func(text string) {
		last := w.last(anna)
		w.say(said{From: anna, Text: text, Doubtful: true, Token: last.Token, References: []string{last.MessageID}})
	}
	doubtful("070-123 45 67")
	w.wantKey(w.last(anna), TextDoubtfulConfirm)
	if _, ok := w.incident().Answers["phone"]; ok {
		t.Fatal("a doubtful text counted")
	}
	w.answer(anna, "nej")
	w.wantKey(w.last(anna), TextDoubtful)
	w.wantAsked(anna, "phone")
	doubtful("070-123 45 67")
	w.answer(anna, "ja")
	if got := w.incident().Answers["phone"].Value.Text; got != "070-123 45 67" {
		t.Errorf("phone is %q", got)
	}
	doubtful("hjälp")
	w.wantKey(w.last(anna), TextHelp)
}
