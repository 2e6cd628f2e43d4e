// Package store keeps conversations in SQLite or PostgreSQL: conversation.Store, Tx and Outbox over database/sql, with SQL that is written
// once for both. What people write is sealed with AES-256-GCM under a key per incident, which is sealed under the master key;
// addresses, names, keys, hashes and times are not.
package store
