package templates

import "frist/conversation"

// TeamsApp is what Teams shows of the app in one language. Teams sets the bounds: 30 characters for the short name that it is made with,
// 100, 80 and 4000 for FullName, Short and Full.
type TeamsApp struct {
	FullName    string
	Short, Full string // descriptions
	Commands    []TeamsCommand
}

// TeamsCommand is something to write that Teams proposes, at most 128 characters, and what it does.
type TeamsCommand struct{ Title, About string }

// teamsCommands are those that a reporter may write alone at any time; Teams takes ten.
var teamsCommands = []string{"help", "dont_know", "skip", "back", "show", "done", "pause", "resume", "cancel"}

// TeamsApp gives the words of the app package; name is what the app is called.
func (c *Catalogue) TeamsApp(lang conversation.Lang, name string) TeamsApp {
	p := c.phraser(lang, nil)
	app := TeamsApp{FullName: p.say("teams_app_name", "name", name), Short: p.say("teams_app_short"), Full: p.say("teams_app_full", "name", name)}
	for _, k := range teamsCommands {
		app.Commands = append(app.Commands, TeamsCommand{p.say("teams_command_" + k), p.say("teams_command_" + k + "_about")})
	}
	return app
}
