package store

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// A statement that is kept says the same at each use: while its own rows are open, after an error, after a rollback, when the tables have changed.
func TestStatementsAreKept(t *testing.T) {
	db, err := openSQLite(filepath.Join(t.TempDir(), "kept.db"), "_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	run := func(q interface {
		Exec(string, ...any) (sql.Result, error)
	}, query string, args ...any) {
		t.Helper()
		if _, err := q.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	count := func(want int) {
		t.Helper()
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM a`).Scan(&n); err != nil || n != want {
			t.Fatalf("%d rows, not %d (%v)", n, want, err)
		}
	}
	const insert = `INSERT INTO a (id) VALUES ($1)`
	run(db, `CREATE TABLE a (id INTEGER PRIMARY KEY)`)
	for id := range 4 {
		run(db, insert, id)
		count(id + 1)
	}
	if _, err := db.Exec(insert, 3); err == nil {
		t.Fatal("a row was inserted twice")
	}
	run(db, insert, 4)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	run(tx, insert, 5)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	count(5)
	nested(t, db)
	run(db, `ALTER TABLE a ADD COLUMN b TEXT`)
	run(db, insert, 5)
	count(6)
}

// nested reads rows within rows of the same query.
func nested(t *testing.T, db *sql.DB) {
	t.Helper()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const list = `SELECT id FROM a ORDER BY id`
	var read func(depth int) int
	read = func(depth int) (n int) {
		rows, err := tx.Query(list)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			if n++; depth > 0 {
				n += read(depth - 1)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for range 3 {
		if n := read(2); n != 5+5*(5+5*5) {
			t.Fatalf("%d rows were read", n)
		}
	}
}
