//go:build race

package bench

// raced: the program is built with the race detector too.
const raced = true
