package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

const newWords = "Det här är nytt, och det står överst."

// FuzzReply holds these laws for any text: the reply's lines stand in the text in their order; reply and cut account for all of it; it is read the
// same twice; and whoever quotes all of it and writes above has written just what stands above.
func FuzzReply(f *testing.F) {
	f.Add(ownWords)
	for _, a := range attributions {
		f.Add(ownWords + "\n\n" + a.line + "\n> När?\n")
	}
	for _, b := range headerBlocks {
		f.Add(ownWords + "\n\n" + b + "\n\nNär?\n")
		f.Add("> " + strings.ReplaceAll(b, "\n", "\n> ") + "\n> När?\n")
	}
	for _, s := range municipal {
		f.Add("Ja\n\n" + s + "\n-- \n" + s)
	}
	f.Add("[EXTERN]\n\nVidarebefordrat brev:\n\n> Från: a@b.example\n>> c\n\nd\n--\ne\n>>> f <<<\n")
	f.Fuzz(func(t *testing.T, text string) {
		m := replyTo(text)
		inOrder(t, m)
		if want, got := letters(m.Text), letters(m.Reply+m.Cut); !slices.Equal(want, got) {
			t.Fatalf("text %q\nreply %q\ncut %q", m.Text, m.Reply, m.Cut)
		}
		if again := replyTo(text); again.Reply != m.Reply || again.Cut != m.Cut || again.Doubtful != m.Doubtful {
			t.Fatalf("%q was read as %q, then as %q", text, m.Reply, again.Reply)
		}
		quoted := newWords + "\n\nDen tis 3 mars 2026 kl 10:15 skrev Incidentbot <bot@kommun.example>:\n\n> " + strings.ReplaceAll(m.Text, "\n", "\n> ") + "\n"
		if q := replyTo(quoted); q.Reply != newWords || q.Doubtful {
			t.Fatalf("quoted once more, the reply is %q, doubtful %v", q.Reply, q.Doubtful)
		}
	})
}

// inOrder: each line of the reply is the end of a line of the text.
func inOrder(t *testing.T, m *Message) {
	t.Helper()
	lines, at := strings.Split(m.Text, "\n"), 0
	for _, l := range strings.Split(m.Reply, "\n") {
		if l == "" {
			continue
		}
		for at < len(lines) && !strings.HasSuffix(lines[at], l) {
			at++
		}
		if at == len(lines) {
			t.Fatalf("line %q of the reply is not in the text %q, or not in this order", l, m.Text)
		}
		at++
	}
}

// letters are the characters of a text but for space and quote marks, sorted.
func letters(s string) []rune {
	r := []rune(strings.Map(func(r rune) rune {
		if r == '>' || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s))
	slices.Sort(r)
	return r
}

// Sixteen times the text takes about sixteen times as long: what grows with the square of the size would take 256. The limit lies between them, wide
// of both, and there are several tries, since other programs run beside the test.
func TestReplyTimeIsLinear(t *testing.T) {
	const size, limit = 12 << 10, 100
	small, large := hostileReplies(size), hostileReplies(16*size)
	for name, text := range small {
		ok, ratio := false, 0.0
		for try := 0; try < 5 && !ok; try++ {
			ratio = float64(shortest(large[name])) / float64(shortest(text)+50*time.Microsecond)
			ok = ratio < limit
		}
		if !ok {
			t.Errorf("%s: sixteen times the text takes %.1f times as long", name, ratio)
		}
	}
}

func shortest(text string) time.Duration {
	best := time.Hour
	lines := plainLines(text, nil)
	for range 3 {
		start := time.Now()
		extract(slices.Clone(lines), addressed{mine: func(string) bool { return true }, answers: true})
		best = min(best, time.Since(start))
	}
	return best
}

// hostileReplies are texts of about size bytes that look like what introduces quotes, on every line.
func hostileReplies(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	numbered := strings.Builder{}
	for i := 0; numbered.Len() < size; i++ {
		fmt.Fprintf(&numbered, "%s a\n", strings.Repeat(">", i%40))
	}
	return map[string]string{
		"marks":             fill(">"),
		"marked lines":      fill("> a\n"),
		"alternating marks": fill("> a\nb\n"),
		"depths":            numbered.String(),
		"forwards":          "Vidarebefordrat brev:\n" + fill("> > > Från: a\n"),
		"deep forwards":     fill("> Vidarebefordrat brev:\n"),
		"originals":         fill("-----Original Message-----\n"),
		"on":                fill("On "),
		"on lines":          fill("On \n"),
		"attributions":      fill("On Mon, Mar 3, 2026 at 10:15, Bo <a@b.example> wrote:\n"),
		"open attributions": fill("On Mon, Mar 3, 2026 at 10:15, <a@b.example>\n"),
		"colon lines":       fill("den 3 mars 2026 skrev:\n"),
		"blank after colon": fill("den 3 mars skrev:\n\n\n\n\n\n\n\n\n\n\n\n\n\n"),
		"header lines":      fill("Från: x\n"),
		"header blocks":     fill("Från: a@b.example\nSkickat: 3 mars 2026\nTill: c\n\nhej\n\n"),
		"signature marks":   fill("-- \n"),
		"signatures":        fill("-- \na\n"),
		"underscores":       fill("__\na@lists.example\n"),
		"device lines":      fill("Skickat från min iPhone\n"),
		"device paragraphs": fill("a\n\nSkickat från min iPhone\n\n"),
		"footers":           fill("Tänk på miljön innan du skriver ut detta\n\n"),
		"disclaimers":       fill("This e-mail is confidential and intended solely for the addressee, and so on and so forth.\n\n"),
		"banners":           fill("[EXTERNAL]\n"),
		"brackets":          fill("<"),
		"pictures":          fill("[cid:a]\n"),
		"blank lines":       fill("\n"),
	}
}
