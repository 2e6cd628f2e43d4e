package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"frist/mail"
)

// editor is a person's text editor. It puts what they type above what the client has put there, with a blank line between; or where a line
// of it matches.
func editor(t *testing.T, dir, text, under string) string {
	t.Helper()
	write(t, filepath.Join(dir, "typed"), text+"\n")
	script := filepath.Join(dir, "editor")
	edit := `{ cat "$dir/typed"; echo; cat "$1"; } >"$dir/whole"`
	if under != "" {
		edit = fmt.Sprintf(`sed -e '/%s/r '"$dir/typed" "$1" >"$dir/whole"`, under)
	}
	write(t, script, "#!/bin/sh\nset -e\ndir="+dir+"\n"+edit+"\ncat \"$dir/whole\" >\"$1\"\n")
	return "sh " + script
}

// mutt answers a mail in mutt or neomutt, with further settings, above the quoted text or under a line of it.
func mutt(program, settings, under string) reply {
	return func(p *person, q *mail.Message, text string) {
		p.t.Helper()
		dir := p.t.TempDir()
		conf := filepath.Join(dir, "rc")
		write(p.t, conf, fmt.Sprintf(`
set folder="imaps://localhost:%[1]s/" spoolfile="imaps://localhost:%[1]s/INBOX" imap_user="%[2]s" imap_pass="%[3]s"
set smtp_url="smtp://%[9]s@localhost:%[4]s/" smtp_pass="%[3]s" smtp_authenticators="plain"
set from="%[2]s" realname="Robin Prov" use_from=yes hostname="client.%[5]s"
set ssl_starttls=yes ssl_force_tls=yes certificate_file="%[6]s"
set charset="utf-8" send_charset="utf-8" editor="%[7]s %%s"
set include=yes fast_reply=yes autoedit=yes reply_to=yes abort_unmodified=no copy=no record="" tmpdir="%[8]s"
%[10]s
set header_cache="" message_cachedir="" quit=yes wait_key=no beep=no delete=no move=no
`, p.mail.IMAPS, p.Address, p.Password, p.mail.Submission, domain, filepath.Join(p.mail.Dir, "ca.pem"), editor(p.t, dir, text, under), dir,
			strings.ReplaceAll(p.Address, "@", "%40"), settings))
		term := openTerminal(p.t, []string{"HOME=" + dir}, program+" -F "+conf)
		term.sees(`q:Quit`)
		term.press("/") // look for the one mail
		term.sees(`Search for`)
		term.write("~i " + q.MessageID)
		term.press("Enter", "r")
		term.sees(`y:Send`)
		term.press("y")
		term.sees(`Mail sent|Message sent|q:Quit`)
		term.press("q")
		term.ended()
	}
}

// alpine answers a mail in alpine, typing in its own composer; it knows no way to look for a Message-ID, and opens the newest mail.
func alpine(p *person, q *mail.Message, text string) {
	p.t.Helper()
	dir := p.t.TempDir()
	conf := filepath.Join(dir, "pinerc")
	write(p.t, conf, fmt.Sprintf(`
personal-name=Robin Prov
user-domain=%[1]s
customized-hdrs=From: Robin Prov <%[2]s>
inbox-path={localhost:%[3]s/ssl/user=%[2]s}INBOX
smtp-server=localhost:%[4]s/tls/user=%[2]s
incoming-startup-rule=last
default-fcc=""
feature-list=include-text-in-reply,quit-without-confirm,send-without-confirm,disable-keymenu,no-enable-background-posting
last-time-prune-questioned=999.12
last-version-used=9.99
`, domain, p.Address, p.mail.IMAPS, p.mail.Submission))
	term := openTerminal(p.t, []string{"HOME=" + dir, "SSL_CERT_FILE=" + filepath.Join(p.mail.Dir, "ca.pem")}, "alpine -p "+conf+" -i")
	login := func() {
		term.sees(`PASSWORD:`)
		term.write(p.Password)
		term.press("Enter")
		term.sees(`Preserve password`)
		term.press("n")
	}
	login()
	term.sees(`\[PUI-`)
	term.press("r")
	term.sees(`instead of "From:" address\?`)
	term.press("y")
	term.sees(`all recipients\?`)
	term.press("n")
	term.sees(`COMPOSE MESSAGE`)
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			term.press("Enter")
		}
		term.write(line)
	}
	term.press("C-x")
	login()
	term.sees(`Message sent|MESSAGE INDEX`) // the word is soon hidden by news of the bot's next mail; what could not be sent stays in the composer
	term.press("q")
	term.ended()
}
