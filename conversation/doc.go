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
	FieldReference = "4"         // the organisation's own reference: the incident's number is proposed
	FieldAware     = "11"        // when the incident was discovered: awareness
	FieldDelay     = "14"        // why the notification is late
	FieldWhat      = "16"        // what happened, in the reporter's words
	FieldMeasures  = "30"        // what has been done
)
