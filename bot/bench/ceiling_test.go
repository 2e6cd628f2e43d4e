package bench

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "frist/conversation/store" // the driver that the program uses
)

// childEnv makes this test binary run the ceiling instead of the tests: "port file".
const childEnv = "FRIST_BENCH_CEILING"

func TestMain(m *testing.M) {
	args := strings.Fields(os.Getenv(childEnv))
	if len(args) != 2 {
		os.Exit(m.Run())
	}
	if err := ceiling(args[0], args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// ceiling does the least that a bot could do to lose nothing: a row of 2 KB is on the disk before a canned reply is sent. Rows that come while
// others are being written are committed together.
func ceiling(port, file string) error {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS inbound (id INTEGER PRIMARY KEY, raw BLOB NOT NULL)`); err != nil {
		return fmt.Errorf("make table: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c := &canned{db: db, rows: make(chan row, rowsMax), client: &http.Client{Transport: &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024}}}
	go c.write(ctx)
	srv := &http.Server{Addr: "127.0.0.1:" + port, Handler: c, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = srv.Close() }) // it serves no more
	_ = srv.ListenAndServe()                           // ends with ErrServerClosed
	if ctx.Err() == nil {
		return fmt.Errorf("the port %s is taken", port)
	}
	return db.Close()
}

const (
	rowsMax  = 256
	rowBytes = 2 << 10
)

type row struct {
	raw  []byte
	done chan error
}

// canned answers everything with the same words.
type canned struct {
	db     *sql.DB
	rows   chan row
	client *http.Client
}

func (c *canned) write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-c.rows:
			some := []row{r}
			for len(c.rows) > 0 && len(some) < rowsMax {
				some = append(some, <-c.rows)
			}
			err := c.commit(ctx, some)
			for _, r := range some {
				r.done <- err
			}
		}
	}
}

func (c *canned) commit(ctx context.Context, rows []row) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	insert, err := tx.PrepareContext(ctx, `INSERT INTO inbound (raw) VALUES (?)`)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	for _, r := range rows {
		if _, err := insert.ExecContext(ctx, r.raw); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	return tx.Commit()
}

const cannedReply = `{"type":"message","text":"[1] Vad är svaret på nästa fråga? Skriv det med egna ord, så sparas det direkt."}`

func (c *canned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var a struct {
		ID, ServiceURL string
		Conversation   struct{ ID string }
	}
	if err != nil || json.Unmarshal(body, &a) != nil {
		http.Error(w, "no activity", http.StatusBadRequest)
		return
	}
	one := row{raw: append(body, make([]byte, max(0, rowBytes-len(body)))...)[:rowBytes], done: make(chan error, 1)}
	c.rows <- one
	if err := <-one.done; err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	resp, err := c.client.Post(a.ServiceURL+"v3/conversations/"+a.Conversation.ID+"/activities/"+a.ID, "application/json", bytes.NewReader([]byte(cannedReply)))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body) // so that the connection is used again
	_ = resp.Body.Close()
}
