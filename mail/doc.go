// Package mail is the mail channel: it reads what people send (RFC 5322, MIME) over IMAP and answers over SMTP.
//
// [Parse] makes a [Message] of any bytes. It never fails and never panics: what could be read is kept, and
// [Message.Problem] says what could not. Memory and time are bounded, and linear in the size of the mail.
//
// # What the new text of a reply is
//
// [Message.Text] is all that a mail client shows; [Message.Reply] is what its writer added. Missing words of an employee
// are worse than a foreign line let in, so a line is cut only for a reason that a mail program left behind: a quote mark,
// an attribution ("Den … skrev …:", "On … wrote:"), a block of header lines, a separator, a signature mark. Sign-offs
// and names are kept. Where the extraction is a guess [Message.Doubtful] is set.
//
// # What the administrator's mail server must do
//
// [Message.Authenticated] believes the topmost Authentication-Results field of the server's own authserv-id. A sender can
// write such a field too. So the server that receives from outside must remove or rename every incoming
// Authentication-Results field that carries its authserv-id, and then put its own on top (RFC 8601 section 5). Where it
// puts none, nothing is authenticated, unless a forged one was let through.
package mail
