// Package reading understands what people write, in Swedish and English: dates, numbers, choices, commands, groups of
// fields and numbered replies; and it finds personnummer. Every reader is a pure function over one message. What is not
// understood is a Problem, never a guess, and free text comes out as it was typed.
package reading

// Lang is the language that a message is read in.
type Lang string

// The languages that are read.
const (
	Swedish Lang = "sv"
	English Lang = "en"
)

// Problem says why an answer was not accepted; its zero value means that it was. Key names a text (what a person reads
// stands elsewhere), Detail is the piece of the message that it is about, and Suggest an answer to propose.
type Problem struct {
	Key     string
	Detail  string
	Suggest string
}

// OK reports whether nothing is wrong.
func (p Problem) OK() bool { return p.Key == "" }

// The keys that a Problem may have.
const (
	Empty = "empty" // nothing but white space

	DateNotUnderstood = "date_not_understood"
	DateTooCoarse     = "date_too_coarse"       // a week, a month, several days: Suggest is empty
	DateInvalid       = "date_invalid"          // a day that the calendar lacks, as 31 February
	DateWeekday       = "date_weekday_mismatch" // the weekday is not that date's
	DateAmbiguous     = "date_ambiguous"        // two readings, as 8/10 in English
	TimeInvalid       = "time_invalid"          // 25:61, or an hour that summer time skips
	TimeAmbiguous     = "time_ambiguous"        // "half past two": Detail and Suggest are the two as 15:04
	TimeNotUnderstood = "time_not_understood"

	CountNotUnderstood = "count_not_understood"
	CountAbout         = "count_about" // "about 40": Suggest is the interval that holds it, if one does
	CountNegative      = "count_negative"
	CountDecimal       = "count_decimal"
	CountTooLarge      = "count_too_large"

	ChoiceUnknown   = "choice_unknown"   // Detail: the text that is no option
	ChoiceAmbiguous = "choice_ambiguous" // Detail: the options that it may mean, one a line
	ChoiceNumber    = "choice_number"    // a number that is no option's

	EntriesNoLabel   = "entries_no_label"
	EntriesTwice     = "entries_label_twice"   // Detail: the label
	EntriesUnlabeled = "entries_text_unplaced" // Detail: the line before the first label
	TooLong          = "too_long"
)

// ProblemKeys lists every key that the readers use, so that a test elsewhere can ask for a text for each.
func ProblemKeys() []string {
	return []string{Empty, DateNotUnderstood, DateTooCoarse, DateInvalid, DateWeekday, DateAmbiguous, TimeInvalid,
		TimeAmbiguous, TimeNotUnderstood, CountNotUnderstood, CountAbout, CountNegative, CountDecimal, CountTooLarge,
		ChoiceUnknown, ChoiceAmbiguous, ChoiceNumber, EntriesNoLabel, EntriesTwice, EntriesUnlabeled, TooLong}
}
