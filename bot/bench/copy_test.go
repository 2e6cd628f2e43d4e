package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// tables are those that grow with the incidents.
var tables = []string{"person", "address", "incident", "participant", "answer", "event", "inbound", "outbox", "thread_message"}

// names are the columns that name a row, of this table or of another, and are no copy's own.
var names = []string{"id", "incident", "person", "reporter", "claimed", "author", "inbound", "token_hash", "message_id", "ref"}

// copy marks all that was said as sent, and puts in the rows of every incident again and again: $1 is the copy's number, $2 the data protection
// officer, who is the same in all.
func (p *past) copy(ctx context.Context, file string, copies int) (err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?_pragma=synchronous(OFF)&_pragma=cache_size(-200000)&_txlock=immediate")
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `UPDATE outbox SET sent_at = created_at, attempts = 1, ref = CASE channel WHEN 'teams' THEN 'a' || rowid ELSE '' END`); err != nil {
		return fmt.Errorf("mark as sent: %w", err)
	}
	var statements []string
	for _, table := range tables {
		q, err := p.copyTable(ctx, db, table)
		if err != nil {
			return err
		}
		statements = append(statements, q)
	}
	first, err := firstRows(ctx, db, "series")
	if err != nil {
		return err
	}
	statements = append(statements, `INSERT INTO series (name, last) SELECT 'outbox/' || printf('%05d', $1) || substr(name, 8), last FROM series
		WHERE name LIKE 'outbox/%' AND name <> 'outbox/' || $2 AND `+first)
	for k := 1; k <= copies; k++ {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		for _, q := range statements {
			if _, err := tx.ExecContext(ctx, q, k, string(p.dso)); err != nil {
				return errors.Join(fmt.Errorf("copy %d: %w", k, err), tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
	}
	_, err = db.ExecContext(ctx, `UPDATE series SET last = last * ($1 + 1) WHERE name LIKE 'number/%' OR name = 'outbox/' || $2`, copies, string(p.dso))
	return err
}

// copyTable is the statement that copies a table's first rows, whatever columns it has by now.
func (p *past) copyTable(ctx context.Context, db *sql.DB, table string) (string, error) {
	rows, err := db.QueryContext(ctx, `SELECT name FROM pragma_table_info($1)`, table)
	if err != nil {
		return "", fmt.Errorf("columns of %s: %w", table, err)
	}
	defer rows.Close()
	var columns, values []string
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			return "", fmt.Errorf("columns of %s: %w", table, err)
		}
		v := c
		switch {
		case c == "number":
			v = fmt.Sprintf(`printf('%%s%%04d', substr(number, 1, 9), CAST(substr(number, 10) AS INTEGER) + $1 * %d)`, p.made)
		case table == "outbox" && c == "seq":
			v = fmt.Sprintf(`seq + $1 * %d`, p.made)
		case slices.Contains(names, c):
			v = fmt.Sprintf(`CASE WHEN %[1]s = '' OR %[1]s = $2 THEN %[1]s ELSE printf('%%05d', $1) || %[1]s END`, c)
		}
		columns, values = append(columns, c), append(values, v)
	}
	if err := rows.Err(); err != nil {
		return "", fmt.Errorf("columns of %s: %w", table, err)
	}
	where, err := firstRows(ctx, db, table)
	if err != nil {
		return "", err
	}
	switch table {
	case "person":
		where += " AND id <> $2"
	case "address":
		where += " AND person <> $2"
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s", table, strings.Join(columns, ", "), strings.Join(values, ", "), table, where), nil
}

// firstRows is the condition for the rows that a table has now, before any copy.
func firstRows(ctx context.Context, db *sql.DB, table string) (condition string, err error) {
	var last int64
	if err := db.QueryRowContext(ctx, "SELECT COALESCE(MAX(rowid), 0) FROM "+table).Scan(&last); err != nil {
		return "", fmt.Errorf("rows of %s: %w", table, err)
	}
	return fmt.Sprintf("rowid <= %d", last), nil
}
