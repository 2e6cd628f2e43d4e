package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frist/conversation"
)

// documents writes the incident's documents and gives the answers of notification.json, and the page.
func (w *town) documents(number string) (answers map[string]any, page string) {
	w.t.Helper()
	doc, form, err := w.engine.Document(w.t.Context(), number)
	if err != nil {
		w.t.Fatal(err)
	}
	dir := w.t.TempDir()
	if err := writeDocuments(w.words, dir, doc, form, conversation.Swedish); err != nil {
		w.t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "notification.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	var n struct{ Answers map[string]any }
	if err := json.Unmarshal(data, &n); err != nil {
		w.t.Fatal(err)
	}
	html, err := os.ReadFile(filepath.Join(dir, "notification.html"))
	if err != nil {
		w.t.Fatal(err)
	}
	return n.Answers, string(html)
}

// htmlPart is the HTML of a mail, read with the standard library alone.
func htmlPart(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	part, ok := findHTML(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	if !ok {
		t.Fatal("the mail has no HTML")
	}
	return part
}

func findHTML(t *testing.T, contentType, encoding string, body io.Reader) (string, bool) {
	t.Helper()
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(media, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err != nil {
				return "", false
			}
			if s, ok := findHTML(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); ok {
				return s, true
			}
		}
	}
	if media != "text/html" {
		return "", false
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), true
}
