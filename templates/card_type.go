package templates

// The elements of Adaptive Cards 1.5 that our cards use, and no other. How they are written is card_write.go's affair; what is empty is left out.
type (
	// A card has no "lang": the web renderer (adaptivecards 3.0.6) refuses every other one, for it keeps a regular
	// expression's position.
	card struct {
		Fallback string
		Body     []element
	}
	element struct {
		Type, ID string
		// Text is a TextBlock's, in Markdown, or that of a RichTextBlock's only TextRun, as it stands; Weight and IsSubtle go with it.
		Text, Size, Weight, Style, Spacing string
		Wrap, IsSubtle, Separator, Hidden  bool
		Items                              []element  // of a Container or a Column
		Columns                            []element  // of a ColumnSet
		Width, VerticalAlign               string     // of a Column
		Actions                            []action   // of an ActionSet
		Facts                              []cardFact // of a FactSet
		*input                                        // of the inputs, nil for all else
	}
	input struct {
		Label, Placeholder, ErrorMessage       string
		IsMultiline, IsMultiSelect, IsRequired bool
		Choices                                []cardChoice
		Min                                    *int64
		Value                                  any // a string, or an int64 for a number's; nil if it is empty
	}
	cardFact   struct{ Title, Value string }
	cardChoice struct{ Title, Value string }
	// An action of type Action.Execute is written with an Action.Submit as its fallback, for clients that do not know it (before 1.4): the same
	// data, and the verb in it. That comes back as a message; the card is then replaced by an update.
	action struct {
		Type       string
		Title      string
		Tooltip    string
		Verb       string
		Data       actionData // of Action.Execute
		Associated string
		Targets    []string
		Style      string
	}
	// actionData is what a press sends: which message and question it is about, which answer the card showed, and what the verb needs.
	actionData struct{ Token, Field, Seen, Text, Entry string }
)

// execute makes an action whose data goes to the program. inputs says whether it takes the card's inputs with it.
func execute(title, verb string, data actionData, inputs bool) action {
	a := action{Type: "Action.Execute", Title: title, Verb: verb, Data: data}
	if !inputs {
		a.Associated = "none"
	}
	return a
}
