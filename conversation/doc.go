// Package conversation is the domain: forms, incidents, the conversation with each person, approval, the
// deadline of GDPR article 33 and its reminders. It does no I/O of its own: what it needs from a database or
// a channel it states as small interfaces.
package conversation

// Lang is a language that people are spoken to in: "sv" or "en" (BCP 47).
type Lang string

// The languages of every text.
const (
	Swedish Lang = "sv"
	English Lang = "en"
)

// Langs lists the languages; every text exists in each.
var Langs = []Lang{Swedish, English}

// Keys of the fields that the program itself knows. All others are data.
const (
	FieldUnit      = "unit"      // which unit the incident belongs to; options come from the settings
	FieldKind      = "kind"      // kind of incident, for the advice in the receipt
	FieldProtected = "protected" // may a person with a protected identity be concerned
	FieldPhone     = "phone"     // where the reporter can be reached
)

// Purpose is what the program does with a question of the authority's; the form file says which question it is.
type Purpose string

// The purposes. A form need not have each.
const (
	PurposeReference Purpose = "reference" // the organisation's own reference: the incident's number is proposed
	PurposeAware     Purpose = "aware"     // when it was discovered: awareness follows from it
	PurposeDelay     Purpose = "delay"     // why the notification is late: drafted from the log
	PurposeWhat      Purpose = "what"      // what happened, in the reporter's words
	PurposeMeasures  Purpose = "measures"  // what has been done: drafted from the log
	PurposeHappened  Purpose = "happened"  // when it happened: proposed from an attached mail
	PurposePersons   Purpose = "persons"   // how many people it concerns: proposed from an attached table
)

var purposes = map[Purpose]Kind{PurposeReference: KindText, PurposeAware: KindDate, PurposeDelay: KindText, PurposeWhat: KindText, PurposeMeasures: KindGroup,
	PurposeHappened: KindDate, PurposePersons: KindCount}
