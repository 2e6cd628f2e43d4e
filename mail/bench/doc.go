// Package bench measures how fast a full mailbox is taken in, beside what other programs need for it. It holds benchmarks alone; BENCHMARK.md in
// the folder above tells how they are run and what came out.
package bench
