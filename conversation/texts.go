package conversation

// The keys of what is said in a Line, with the arguments that each takes. The words stand in package templates, in every
// language; a test there fails on a key that is missing or unused.
const (
	TextIntroduction = "introduction" // to a greeting: what this is, and an example of a first message

	// The receipt, to the reporter.
	TextReceipt         = "receipt"           // {number}
	TextReceiptKind     = "receipt_kind"      // {kind}: option key of how the first message was understood, and how to change it
	TextReceiptKindAsk  = "receipt_kind_ask"  // the kind was not clear: what to do whatever it is; the question follows
	TextStepsDone       = "steps_done"        // how to report a step done: "gjort 1"
	TextReceiptAlerted  = "receipt_alerted"   // {name}: the DSO is being alerted
	TextReceiptDefault  = "receipt_default"   // unit not known yet, the default unit's DSO {name} is alerted
	TextReceiptEnough   = "receipt_enough"    // don't know is an answer; a few questions are enough for tonight; no names or numbers
	TextReceiptMasked   = "receipt_masked"    // a personnummer in the first message was hidden
	TextCallNow         = "call_now"          // {name} {phone} {next} {next_phone}: protected identity may be involved: ring now
	TextStepNoted       = "step_noted"        // {steps}: noted as done, proposed as a measure
	TextStepUnknown     = "step_unknown"      // {steps}: no such step
	TextWhoReads        = "who_reads"         // reporter's name is not on the form but stands in the organisation's file
	TextFirstMessageUse = "first_message_use" // at question 16: answer ANVÄND to take what you wrote first

	// After an answer.
	TextSaved           = "saved"            // {field}
	TextReadDate        = "read_date"        // {field} {date} {time}: read back, and how to change
	TextReadValue       = "read_value"       // {field} {value}: read back, for lists and numbers
	TextChanged         = "changed"          // {field}: an earlier answer is changed
	TextBlank           = "blank"            // {field}: left blank
	TextUnknown         = "unknown"          // {field}: left open, to be supplemented
	TextOpenConfirm     = "open_confirm"     // {field} {value}: not in the list; JA to write it so
	TextSuggest         = "suggest"          // {field} {value}: this interval? JA
	TextUnseen          = "unseen"           // {field} {previous} {text}: written before the question came: FÖRRA, DENNA or SLÄNG
	TextUnseenDropped   = "unseen_dropped"   // thrown away as asked
	TextBackNone        = "back_none"        // this is the first question
	TextPaused          = "paused"           // saved; how to go on
	TextResumed         = "resumed"          // here we are again
	TextCancelled       = "cancelled"        // no more questions; the incident stays with the DSO
	TextHelp            = "help"             // the commands; the question's help stands with it
	TextCheck           = "check"            // check your answers; KLAR or ÄNDRA N
	TextFinished        = "finished"         // {name}: thank you; what happens next
	TextAlreadyDone     = "already_done"     // nothing more is asked of you
	TextShow            = "show"             // {done} {total}: what there is
	TextDoubtful        = "doubtful"         // the new text could not be told from the quoted: please write it alone
	TextDoubtfulConfirm = "doubtful_confirm" // {text}: is this what you wrote now? yes or no
	TextHeldFull        = "held_full"        // much waits for your choice already: what you wrote now is no answer; choose first
	TextManyReports     = "many_reports"     // so many reports of one person in an hour become no incidents any more: ring the DSO
	TextEmpty           = "empty"            // the message was empty
	TextTooLong         = "too_long"         // {field} {max}: too long to keep as one answer; shorten it
	TextNotUnderstood   = "not_understood"   // what to write instead
	TextFieldUnknown    = "field_unknown"    // {field}: there is no such question
	TextFieldNotNow     = "field_not_now"    // {field}: does not apply as things are
	TextFieldNotYours   = "field_not_yours"  // {field}: the DSO answers it
	TextNewOrThis       = "new_or_this"      // {number}: held; NYTT begins a new incident, DETTA adds it to this one
	TextEditedFirst     = "edited_first"     // {field}: the first message was edited; it stays, and the question about what happened may be changed
	TextEditedNothing   = "edited_nothing"   // an older message was edited, and nothing is changed by it; how to change an answer
	TextDeleted         = "deleted"          // {reporter}: a message was deleted, and is kept; how to change an answer or end the questions
	TextOldCard         = "old_card"         // {field} {text}: an old card was sent in, a newer answer stands; {text} is what was written, or empty
	TextOldEntries      = "old_entries"      // {field}: the list has changed since the card was made, nothing was taken away
	TextCheckDone       = "check_done"       // stands where the check of the answers was: they have been sent on
	TextAnsweredBelow   = "answered_below"   // {field}: stands where its question was put before it was put again
	TextTakenReview     = "taken_review"     // you watch the incident; the notification is out for review already
	TextCheckNewer      = "check_newer"      // stands where an earlier check was: a newer one stands below
	TextKept            = "kept"             // {field}: passed over, the answer that there was is kept
	TextDSOHelp         = "dso_help"         // what the DSO's side may write: it was not understood
	TextDecisionBelow   = "decision_below"   // {command}: a decision below answers does not count; write it alone, in reply to the new version
	TextWhich           = "which"            // {numbers}: which incident; answer with its number

	// Files that came with a message.
	TextFilesSeen       = "files_seen"        // {count}: looked at and not kept; do not delete or spread them
	TextFileRows        = "file_rows"         // {name} {rows} {more}: what was seen
	TextFilesKept       = "files_kept"        // {files}: kept for the DSO, who asked for them
	TextFilePersons     = "file_persons"      // {name} {rows} {sheets}: at how many people: is it so many?
	TextFileSent        = "file_sent"         // {name} {date} {time}: at when it happened: was it then?
	TextToldFiles       = "told_files"        // {name}: the DSO asks for the file: answer this mail with it
	TextToldFilesMailed = "told_files_mailed" // {name}: likewise, in Teams: there is a mail to answer
	TextToldFilesTeams  = "told_files_teams"  // {name}: likewise, to somebody whose mail address is not known

	// The guard.
	TextPersonnummer       = "personnummer"        // {field}: found; MASKERA, BEHÅLL or write it anew
	TextPersonnummerMasked = "personnummer_masked" // {field}
	TextPersonnummerKept   = "personnummer_kept"   // {field}

	// What the reporter is told.
	TextToldTaken         = "told_taken"          // {name} {at}
	TextToldReview        = "told_review"         // the DSO has been sent what there is, at 24 h left; you may go on
	TextToldApproved      = "told_approved"       // {at}
	TextToldReturned      = "told_returned"       // {reason}
	TextToldNotNotifiable = "told_not_notifiable" //
	TextToldFiled         = "told_filed"          // {at}
	TextToldGivenBack     = "told_given_back"     // {name}: who had it cannot any longer; others are called
	TextToldVoid          = "told_void"           // your accepted change means that the DSO approves anew
	TextProposalStored    = "proposal_stored"     // {field}: passed on to the DSO
	TextSupplementStored  = "supplement_stored"   // {field}: kept as a supplement
	TextProposalTaken     = "proposal_taken"      // {field}: the DSO took it in
	TextProposalDeclined  = "proposal_declined"   // {field}

	// To the DSO's side.
	TextAlert             = "alert"              // {at} {kind} {protected}: no free text
	TextAlertNext         = "alert_next"         // {name} {at}: without an answer then, the next is called
	TextAlertUnverified   = "alert_unverified"   // {at} {address} {why}: instead of alert, where it is not certain who wrote
	TextAlertAbsent       = "alert_absent"       // {name}: called because an automatic reply says that the one before is away
	TextUnverifiedHow     = "unverified_how"     // confirm or dismiss it first
	TextConfirmed         = "confirmed"          // it is an incident now; there is nobody else to ask
	TextConfirmedAsks     = "confirmed_asks"     // {address} {why}: it is an incident now, and the questions go there
	TextDismissed         = "dismissed"          // the unverified report is closed
	TextUnverifiedGone    = "unverified_gone"    // {name}
	TextNoteFrom          = "note_from"          // {address}: a colleague wrote in the incident's thread; it is kept as a note
	TextReporterUnreached = "reporter_unreached" // mail to the reporter comes back: ring
	TextAlertLast         = "alert_last"         // nobody stands after you
	TextAlertFrom         = "alert_from"         // {name}: called because the one before did not answer, or cannot
	TextAlertUnit         = "alert_unit"         // the incident turned out to be your unit's
	TextAlertFiles        = "alert_files"        // {count} {rows} {personnummer} {recipients} {outside} {mismatch} {infected} {unscanned}: of the files, without their names
	TextFilesRequested    = "files_requested"    // {name}: the reporter is asked for the files, and what comes is kept
	TextFilesArrived      = "files_arrived"      // {count}: files came and are kept
	TextFilesSent         = "files_sent"         // {count}: they are attached
	TextFilesNone         = "files_none"         // none are kept
	TextAlertProtected    = "alert_protected"    // the reporter now says that protected identities may be involved
	TextTaken             = "taken"              // you have it: what to do now
	TextTakenBy           = "taken_by"           // {name} {at}: another has it
	TextDeclined          = "declined"           // {name}: noted, the next is called
	TextDeclinedLast      = "declined_last"      // noted, but nobody is left; the reminders go on
	TextUnitMoved         = "unit_moved"         // {unit}: the incident is another unit's, which watches it now
	TextApprovedBy        = "approved_by"        // {name} {at}
	TextFiledBy           = "filed_by"           // {name} {at}
	TextDismissedBy       = "dismissed_by"       // {name}: decided that no notification is made
	TextFiledBefore       = "filed_before"       // {at}: lies before the approval; file again with the right time
	TextClosedWrote       = "closed_wrote"       // {text}: the reporter has written in the closed incident
	TextDeadlineMoved     = "deadline_moved"     // {from} {to}
	TextReviewFinished    = "review_finished"    // the reporter is done
	TextReviewTime        = "review_time"        // {left}: sent as it stands, with blanks marked
	TextReviewOverdue     = "review_overdue"     // {over}: the same after the deadline
	TextReviewChanged     = "review_changed"     // {fields}: the whole new version
	TextAnsweredByMail    = "answered_by_mail"   // on a card: its question was answered by mail
	TextReviewNewer       = "review_newer"       // {revision} {channel}: on an old version's card: this one holds instead, by mail or teams
	TextReviewLeft        = "review_left"        // {count}: so many questions are left, this one among them
	TextReviewMailed      = "review_mailed"      // the notification was sent by mail
	TextReturnedBy        = "returned_by"        // {name} {at}: sent the notification back to the reporter
	TextReferenceMissing  = "reference_missing"  // the box on the card was empty
	TextFileMailed        = "file_mailed"        // on the card: the file with the notification went by mail
	TextReviewHow         = "review_how"         // how to answer, change, approve, return, or decide that it need not be notified
	TextReviewHowMail     = "review_how_mail"    // the same as help by mail, which is no answer to the notification
	TextReviewHowCards    = "review_how_cards"   // the same in Teams, where the buttons stand on the notification's card
	TextReviewProposals   = "review_proposals"   // {fields}: lines that count only once taken in: "30: ta med"
	TextReviewOpen        = "review_open"        // {fields}: still open
	TextLacking           = "lacking"            // {fields}: mandatory and blank, so it cannot be approved
	TextLackingDelay      = "lacking_delay"      // {field}: the delay must be explained (or passed over) since it is late
	TextOldVersion        = "old_version"        // {seen} {current}: approval of an old version does not count; this is the new one
	TextNotInReply        = "not_in_reply"       // a decision must be a reply to the review mail
	TextNotReady          = "not_ready"          // nothing has been sent for approval yet, or it was sent back
	TextNotDecider        = "not_decider"        // {name}: another decides
	TextOwnReport         = "own_report"         // who reported does not decide
	TextVoid              = "void"               // {field}: the approval no longer counts
	TextApproved          = "approved"           // {revision} {hash}
	TextOffer             = "offer"              // {number}: the notification as a file for the person's OneDrive
	TextOfferFailed       = "offer_failed"       // it could not be put there; try again, or take it from the mail
	TextOfferGone         = "offer_gone"         // there is no such file for this person
	TextOfferDeclined     = "offer_declined"     // nothing was put there
	TextFileHow           = "file_how"           // {url}: how to file; and INSKICKAD reference time
	TextSupplementDue     = "supplement_due"     // {fields} {at}: to be supplemented within four weeks of the filing
	TextReturned          = "returned"           // sent back to the reporter
	TextReasonMissing     = "reason_missing"     // {command}: write the reason after the colon
	TextNotNotifiable     = "not_notifiable"     // recorded with its reason
	TextFiled             = "filed"              // {reference} {at}: the clock has stopped
	TextFiledUnread       = "filed_unread"       // {text}: could not read the time; how to write it
	TextFiledFuture       = "filed_future"       // {at}: lies in the future
	TextFiledEarly        = "filed_early"        // not approved yet
	TextProposalNew       = "proposal_new"       // {field}: the reporter proposes a change: "16: ta med" or "16: stryk"
	TextProposalNone      = "proposal_none"      // {field}: nothing is proposed
	TextSupplementNew     = "supplement_new"     // {field}: after the filing; the filed version stays
	TextConflict          = "conflict"           // {conflict}: which of the form's contradictions
	TextClosed            = "closed"             // {number}: is closed; nothing was changed
	TextStrangerWrote     = "stranger_wrote"     // somebody unknown or not authenticated wrote into this incident; nothing was taken in

	// Reminders: a number, a deadline and what is waited for, never an answer.
	TextReminder        = "reminder"         // {left}
	TextReminderOverdue = "reminder_overdue" // {over}
	TextWaitsReporter   = "waits_reporter"   // {done} {total}: for your answers
	TextWaitsConfirm    = "waits_confirm"    // for somebody to confirm or dismiss an unverified report
	TextWaitsTake       = "waits_take"       // for somebody to take it
	TextWaitsReview     = "waits_review"     // for your decision
	TextWaitsFiling     = "waits_filing"     // for the filing at the authority
	TextWaitsOther      = "waits_other"      // {name}: to the deputy: another is waited for

	// To somebody whose message could not be taken in.
	TextLanguage      = "language"       // confirms the language that was asked for
	TextOversize      = "oversize"       // too large to be read: write again without attachments
	TextEncrypted     = "encrypted"      // {how}: smime, pgp or rpmsg: write again without encryption
	TextNoteKept      = "note_kept"      // to a colleague in the thread of another's incident: kept as a note; how to report
	TextUnknownSender = "unknown_sender" // {organisation}: to a sender from outside: it has come; write from the work address

	// To the administrator.
	AlarmDead            = "alarm_dead"            // {number} {reason}: a message could not be delivered and was given up
	AlarmTeams           = "alarm_teams"           // {reason}: Teams does not take messages, which go by mail
	AlarmTeamsPerson     = "alarm_teams_person"    // {number} {name} {reason}: Teams takes no messages for one person; name is empty for a reporter
	AlarmFailed          = "alarm_failed"          // {inbound}: an incoming message could not be handled and is kept
	AlarmUnauthenticated = "alarm_unauthenticated" // {at}: a mail from the own domain could not be authenticated
	AlarmManyReports     = "alarm_many_reports"    // {count}: one person has reported more incidents in an hour than anybody has; further ones are kept as messages alone
	AlarmTooMany         = "alarm_too_many"        // {number}: somebody, or a machine, writes more than a person would; it is not answered any more
	AlarmNobody          = "alarm_nobody"          // {number}: there is nobody to call, since the reporter is the only contact of the unit
	AlarmAbsent          = "alarm_absent"          // {number} {name}: who was called is away, and nobody stands after
	AlarmUnverified      = "alarm_unverified"      // {count}: so many unverified reports in a day that more are kept as mail alone
	AlarmBounced         = "alarm_bounced"         // {number}: a message came back
	AlarmScan            = "alarm_scan"            // files could not be scanned, and were not read
	AlarmStale           = "alarm_stale"           // {minutes}: the mailbox has not been read for so long

	AlarmUnsent          = "alarm_unsent"      // {count} {minutes}: mails wait to be sent, the oldest for so long
	AlarmDatabase        = "alarm_database"    // {minutes}: the database has not answered for so long
	AlarmSecretEnds      = "alarm_secret_ends" // {setting} {at}: a client secret ends
	AlarmCertificateEnds = "alarm_cert_ends"   // {setting} {at}: a certificate in a file ends
	AlarmServerEnds      = "alarm_server_ends" // {setting} {at}: the certificate of the server that the setting names ends

	// To the administrator by the second route, and by it alone.
	AlarmSecondRoute   = "alarm_second_route"   // why this comes by another way than usual
	AlarmMailboxWorks  = "alarm_mailbox_works"  // the mailbox is read again
	AlarmSendingWorks  = "alarm_sending_works"  // mail is sent again
	AlarmDatabaseWorks = "alarm_database_works" // the database answers again

	// Drafts that become answers once accepted.
	DraftAlerted = "draft_alerted" // {name}: row of 30
	DraftTaken   = "draft_taken"   // {name}: row of 30
	DraftDelay   = "draft_delay"   // {aware} {reported} {alerted}: why the notification is late
	DraftMask    = "draft_mask"    // what stands in place of a hidden number
)

// StepKey and DraftStep are the keys of the advised steps of a kind of incident, numbered from 1: what to do now, and the
// row of question 30 that it becomes when reported done.
func StepKey(kind, n string) string   { return "step_" + kind + "_" + n }
func DraftStep(kind, n string) string { return "draft_step_" + kind + "_" + n }

// Steps is how many steps each kind of incident has.
var Steps = map[string]int{"misdirected": 3, "lost": 3, "exposed": 3, "unavailable": 3, "other": 2}

// Why a file was not read, by FileRefusedKey.
const (
	TextFileTooLarge   = "file_too_large"   // {name} {found}
	TextFileTooMany    = "file_too_many"    // {name} {found}
	TextFileType       = "file_type"        // {name} {found}
	TextFileNotScanned = "file_not_scanned" // {name} {found}
	TextFileInfected   = "file_infected"    // {name} {found}: what the scanner calls it
	TextFileNotFetched = "file_not_fetched" // {name} {found}: Teams did not hand it over; send it again, or by mail
)

// FileRefusedKey is the key of the text for one of the Refused… keys.
func FileRefusedKey(refused string) string { return "file_" + refused }

// ProblemKey is the key of the text for a reading.Problem.
func ProblemKey(problem string) string { return "problem_" + problem }

// The keys of the replies that stand ready as buttons and links.
const (
	ButtonTake    = "button_take"
	ButtonConfirm = "button_confirm"
	ButtonDismiss = "button_dismiss"
	ButtonCannot  = "button_cannot"
	ButtonShow    = "button_show"
	ButtonApprove = "button_approve"
	// To the DSO in Teams: go through the open questions, end that, have the notification by mail, strike a proposal.
	ButtonAnswerOpen = "button_answer_open"
	ButtonToReview   = "button_to_review"
	ButtonMail       = "button_mail"
	ButtonDecline    = "button_decline"
	ButtonSkip       = "button_skip"
	ButtonDontKnow   = "button_dont_know"
	ButtonBack       = "button_back"
	ButtonHelp       = "button_help"
	ButtonDone       = "button_done"
	ButtonResume     = "button_resume"
	ButtonUseFirst   = "button_use_first"
	ButtonUseFile    = "button_use_file"
	ButtonMask       = "button_mask"
	ButtonKeep       = "button_keep"
	ButtonYes        = "button_yes"
	ButtonNo         = "button_no"
	ButtonPrevious   = "button_previous"
	ButtonThis       = "button_this"
	ButtonNew        = "button_new"
	ButtonOld        = "button_old"
	ButtonDrop       = "button_drop"
	ButtonChange     = "button_change"
)
