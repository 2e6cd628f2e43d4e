package main

type replayCommand struct {
	Channel string   `help:"Where the reporter answers: teams, mail or mixed." enum:"teams,mail,mixed" default:"mixed"`
	Config  string   `help:"Settings file, to play against real servers." placeholder:"FILE"`
	Out     string   `help:"Folder for what comes out." default:"./replay" placeholder:"DIR"`
	Cases   []string `arg:"" help:"Case files." name:"case"`
}

// Run plays the cases.
func (c *replayCommand) Run(e env) error {
	return usage("replay is not there yet")
}
