package main

// checkCommand tries settings and connections.
type checkCommand struct{}

func (c *checkCommand) Run(e env) error { return nil }
