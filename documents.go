package main

import (
	"fmt"
	"os"
	"path/filepath"

	"frist/conversation"
	"frist/templates"
)

// writeDocuments writes notification.json, .txt and .html of one incident into the folder, readable by the owner alone: they hold
// personal data.
func writeDocuments(words *templates.Catalogue, dir string, doc *conversation.Document, form *conversation.Form, lang conversation.Lang) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder for the documents: %w", err)
	}
	data, err := words.JSON(doc.Notification)
	if err != nil {
		return err
	}
	page, err := words.HTML(doc, form, lang)
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"notification.json": data, "notification.html": page,
		"notification.txt": []byte(words.Text(doc, form))} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
