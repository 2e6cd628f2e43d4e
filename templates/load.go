package templates

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"frist/conversation"
)

//go:embed texts/*.yaml forms/*.yaml
var embedded embed.FS

// Catalogue holds the texts and the forms. It is safe for concurrent use.
type Catalogue struct {
	texts map[conversation.Lang]map[string]wording

	mu       sync.RWMutex
	forms    map[string]*formFile // by id: the form that new incidents get
	versions map[string]*formFile // by version: also those of older incidents
}

type formFile struct {
	form *conversation.Form
	data []byte
}

// Load reads the embedded texts and forms. A form file in overrideDir ("" for none) takes the place of the embedded form with
// the same id. Every fault is reported, with file and line.
func Load(overrideDir string) (*Catalogue, error) {
	c := &Catalogue{texts: map[conversation.Lang]map[string]wording{}, forms: map[string]*formFile{}, versions: map[string]*formFile{}}
	// Reading YAML is most of what a start takes; the files have nothing to do with each other.
	texts := make([]map[string]wording, len(conversation.Langs))
	faults := make([]error, len(conversation.Langs)+1)
	var all sync.WaitGroup
	for i, lang := range conversation.Langs {
		all.Go(func() { texts[i], faults[i] = loadTexts("texts/" + string(lang) + ".yaml") })
	}
	faults[len(texts)] = c.loadFolders(overrideDir)
	all.Wait()
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	for i, lang := range conversation.Langs {
		c.texts[lang] = texts[i]
	}
	return c, nil
}

// loadTexts reads one language's texts.
func loadTexts(name string) (map[string]wording, error) {
	data, err := embedded.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("load texts: %w", err)
	}
	texts, faults := parseTexts(name, data)
	for _, key := range ownKeys {
		if _, ok := texts[key]; !ok {
			faults = append(faults, fmt.Errorf("texts %s: %s is missing", name, key))
		}
	}
	return texts, errors.Join(faults...)
}

// loadFolders reads the embedded forms, and then those that take their place.
func (c *Catalogue) loadFolders(overrideDir string) error {
	sub, err := fs.Sub(embedded, "forms")
	if err != nil {
		return fmt.Errorf("load forms: %w", err)
	}
	faults := c.loadForms(sub, "forms")
	if overrideDir != "" {
		faults = append(faults, c.loadForms(os.DirFS(overrideDir), filepath.ToSlash(overrideDir))...)
	}
	return errors.Join(faults...)
}

// loadForms reads a folder's *.yaml. Two files of one folder may not define the same form.
func (c *Catalogue) loadForms(dir fs.FS, label string) (faults []error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err == nil && len(names) == 0 {
		err = errors.New("no .yaml file in it")
	}
	if err != nil {
		return []error{fmt.Errorf("forms folder %s: %w", label, err)}
	}
	from := map[string]string{}
	for _, name := range names {
		full := path.Join(label, name)
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			faults = append(faults, fmt.Errorf("form %s: %w", full, err))
			continue
		}
		form, err := conversation.ParseForm(full, data)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if other, twice := from[form.ID]; twice {
			faults = append(faults, fmt.Errorf("form %s, line 1: form %q is also in %s; remove one of them", full, form.ID, other))
			continue
		}
		from[form.ID] = full
		c.forms[form.ID] = &formFile{form, data}
		c.versions[form.Version] = c.forms[form.ID]
	}
	return faults
}

// AddForm makes an earlier version of a form known, so that the incidents that have it are shown with its words. It changes
// nothing for new incidents.
func (c *Catalogue) AddForm(name string, data []byte) (*conversation.Form, error) {
	if f := c.version(conversation.FormVersion(data)); f != nil {
		return f.form, nil
	}
	form, err := conversation.ParseForm(name, data)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.versions[form.Version] == nil {
		c.versions[form.Version] = &formFile{form, data}
	}
	return c.versions[form.Version].form, nil
}

// Form returns the form that new incidents get, nil if there is none with the id.
func (c *Catalogue) Form(id string) *conversation.Form {
	if f := c.file(id, ""); f != nil {
		return f.form
	}
	return nil
}

// FormVersion returns the form with the version, or else the present one with the id; nil if there is neither.
func (c *Catalogue) FormVersion(id, version string) *conversation.Form {
	if f := c.file(id, version); f != nil {
		return f.form
	}
	return nil
}

// FormIDs lists the forms.
func (c *Catalogue) FormIDs() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Sorted(maps.Keys(c.forms))
}

// FormFile returns the file of a form's version as it was read, nil if it is unknown.
func (c *Catalogue) FormFile(version string) []byte {
	if f := c.version(version); f != nil {
		return slices.Clone(f.data)
	}
	return nil
}

func (c *Catalogue) version(version string) *formFile {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.versions[version]
}

func (c *Catalogue) file(id, version string) *formFile {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if f := c.versions[version]; f != nil && f.form.ID == id {
		return f
	}
	return c.forms[id]
}

// parseTexts reads a file of key: template.
func parseTexts(name string, data []byte) (map[string]wording, []error) {
	var raw map[string]string
	if err := yaml.Unmarshal(data, &raw); err != nil {
		return nil, []error{fmt.Errorf("texts %s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))}
	}
	texts := make(map[string]wording, len(raw))
	var faults []error
	known := functionNames()
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		t, err := parseWording(key, raw[key], known)
		if err != nil {
			faults = append(faults, fmt.Errorf("texts %s, line %d: %s: %s", name, faultLine(keyLine(data, key), key, err), key, templateFault(key, err)))
			continue
		}
		texts[key] = t
	}
	return texts, faults
}

// keyLine finds the line of a key.
func keyLine(data []byte, key string) int {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err == nil && len(doc.Content) == 1 {
		for i, n := range doc.Content[0].Content {
			if i%2 == 0 && n.Value == key {
				return n.Line
			}
		}
	}
	return 0
}

var templateLine = regexp.MustCompile(`^template: [^:]*:(\d+):(?:\d+:)? ?`)

// faultLine adds the template's own line to its key's: a block text begins on the line after its key.
func faultLine(keyLine int, key string, err error) int {
	m := templateLine.FindStringSubmatch(err.Error())
	if m == nil {
		return keyLine
	}
	n, _ := strconv.Atoi(m[1])
	if n > 1 {
		return keyLine + n
	}
	return keyLine
}

func templateFault(key string, err error) string {
	return templateLine.ReplaceAllString(err.Error(), "")
}
