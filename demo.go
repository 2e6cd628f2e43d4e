package main

type demoCommand struct {
	Dir  string `help:"Folder for what the demo leaves." default:"./frist-demo" placeholder:"DIR"`
	Lang string `help:"Language of the demo: sv or en." enum:"sv,en" default:"sv"`
}

// Run plays the demo in the terminal.
func (c *demoCommand) Run(e env) error {
	return usage("demo is not there yet")
}
