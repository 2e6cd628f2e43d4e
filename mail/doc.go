// Package mail is the mail channel: it reads what people send (RFC 5322, MIME) over IMAP and answers over SMTP.
//
// [Parse] makes a [Message] of any bytes. It never fails: what could be read is kept, and [Message.Problem] says
// what could not; a panic, which would be a fault of the program, becomes a Problem too. Memory and time are bounded, and linear in the size of the mail.
//
// # What is read of a mail
//
// Only what becomes text is decoded and kept; of files the bytes are counted. The text of a winmail.dat (MS-OXTNEF) or of an
// invitation counts where the mail has no other. Signed mail (RFC 8551, RFC 1847) is read as what was signed, and the
// signature is not judged. Nothing encrypted is text: [Message.Encrypted] names it. A mail that comes as a file within
// another is listed and not shown: it is not what its sender says, and often the very mail that went astray.
//
// # What the new text of a reply is
//
// [Message.Text] is all that a mail client shows; [Message.Reply] is what its writer added. Missing words of an employee
// are worse than a foreign line let in, so a line is cut only for a reason that a mail program left behind: a quote mark,
// an attribution ("Den … skrev …:", "On … wrote:"), a block of header lines, a separator, a signature mark, a banner, a
// disclaimer. Sign-offs and names are kept (the channel takes them off what it passes on). A quote that nothing introduces is
// its writer's own where the mail answers nothing, or where the answered mail stands further down; sentences below two dashes are
// kept. Where the extraction is a guess [Message.Doubtful] is set.
//
// [Message.AutoReply] says why no person wrote a mail, [Message.Absent] that it tells of somebody's absence, and
// [Message.Bounce] which mail of ours did not arrive, or is late.
//
// # Who wrote a mail
//
// [Trust] judges From by the word of one system that the settings name, and by nothing else in the mail. From must be a single address in
// ASCII that reads the same by the strict grammar as by the lenient one. Where nothing is proved the mail is a stranger's.
//
// # What the administrator's mail server must do
//
// [TrustResults] believes the topmost Authentication-Results field of the server's own authserv-id. A sender can write such a field too. So
// the server that receives from outside must remove or rename every incoming Authentication-Results field that carries its authserv-id,
// and then put its own on top (RFC 8601 section 5). Where it puts none, nothing is authenticated, unless a forged one was let through.
//
// [TrustExchange] believes the X-MS-Exchange-Organization fields, which Exchange Online strips from mail that comes from outside. No
// connector may keep them on mail that anyone can send, and the mailbox must lie in Exchange Online.
//
// [TrustOwn] believes DKIM signatures that [Verifier] has checked when the mail was received. All mail of the organisation must be signed,
// also mail that never leaves it.
package mail
