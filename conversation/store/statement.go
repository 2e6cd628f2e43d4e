package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
)

// A turn asks some thirty statements, and SQLite would parse and plan each of them anew, which takes longer than to run it. So each connection keeps
// the statements that it has seen twice. pgx does the same for PostgreSQL.

// maxStatements bounds what a connection keeps: more than the store has.
const maxStatements = 256

// openKept opens a SQLite database whose connections keep their statements.
func openKept(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keepingConnector{c}), nil
}

type keepingConnector struct{ driver.Connector }

func (k keepingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	lite, ok := c.(liteConn)
	if !ok {
		return nil, errors.Join(errors.New("this version of the SQLite driver cannot keep statements"), c.Close())
	}
	return &keepingConn{liteConn: lite, kept: map[string]*keptStmt{}}, nil
}

// liteConn is what database/sql makes use of in the driver's connection.
type liteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keepingConn is used by one goroutine at a time, as database/sql promises.
type keepingConn struct {
	liteConn
	kept map[string]*keptStmt // by query; nil: seen once
}

type keptStmt struct {
	stmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	open bool // its rows are being read
}

// statement returns a kept statement, nil if the query is to be run without.
func (c *keepingConn) statement(ctx context.Context, query string) (*keptStmt, error) {
	k, seen := c.kept[query]
	switch {
	case k != nil && k.open:
		return nil, nil
	case k != nil:
		return k, nil
	case !seen && len(c.kept) < maxStatements:
		c.kept[query] = nil
		return nil, nil
	case !seen:
		return nil, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	k = &keptStmt{}
	var ok bool
	if k.stmt, ok = stmt.(interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}); !ok {
		return nil, stmt.Close()
	}
	c.kept[query] = k
	return k, nil
}

func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	k, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return c.liteConn.ExecContext(ctx, query, args)
	}
	return k.stmt.ExecContext(ctx, args)
}

func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	k, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return c.liteConn.QueryContext(ctx, query, args)
	}
	rows, err := k.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	k.open = true
	return &keptRows{rows, k}, nil
}

func (c *keepingConn) Close() error {
	var errs []error
	for _, k := range c.kept {
		if k != nil {
			errs = append(errs, k.stmt.Close())
		}
	}
	clear(c.kept)
	return errors.Join(append(errs, c.liteConn.Close())...)
}

// keptRows gives the statement back when they are closed.
type keptRows struct {
	driver.Rows
	k *keptStmt
}

func (r *keptRows) Close() error {
	r.k.open = false
	return r.Rows.Close()
}
