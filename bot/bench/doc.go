// Package bench measures how many people can report in Teams at once and how long each waits, beside what other programs need for the same. It
// holds measurements alone; BENCHMARK.md in the folder above tells how they are run and what came out.
package bench
