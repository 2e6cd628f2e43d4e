package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestRegisterCSV(t *testing.T) {
	file := sampleFile(t)
	fillSample(t, file)
	r := call(t, "", "register", "-config", file)
	if r.code != 0 || r.err != "" {
		t.Fatalf("exit %d: %s", r.code, r.err)
	}
	if n := strings.Count(r.out, "\r\n"); n != 6 || !strings.HasSuffix(r.out, "\r\n") {
		t.Errorf("%d CR LF, want one after each of 5 records (RFC 4180) and one within a cell: %q", n, r.out)
	}
	records, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
	if err != nil || len(records) != 5 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	rows := byHeading(records)
	for heading, want := range map[string]string{
		"number": "PUI-2026-0001", "unit": "miljo", "status": "notified", "reported_at": "2026-03-03T10:12:00+01:00",
		"aware_at": "2026-03-03T10:12:00+01:00", "deadline_at": "2026-03-06T10:12:00+01:00", "dso_alerted_at": "2026-03-03T10:13:00+01:00",
		"taken_at": "2026-03-03T11:12:00+01:00", "decision": "approve", "decided_at": "2026-03-06T08:12:00+01:00",
		"decided_by": "love.prov@provkoping.example", "reason": "", "late": "true", "filed_at": "2026-03-06T11:12:00+01:00",
		"reference": "'-IMY-77", "kind": "misdirected", "purged": "false",
		"answer_3": "Provgatan 3, 012 34, Provköping", "answer_10": "2026-03-03 09:05\nStrax efter mötet",
		"answer_5-8": "Love Prov, love.prov@provkoping.example, +46 70 000 00 01\nMio Prov, mio.prov@provkoping.example, 070-000 00 02",
		"answer_23":  "14", "answer_24": "11 - 100", "answer_37": "",
		"answer_30": "2026-03-03, 11:00, Bad mottagaren radera\n2026-03-04, Följde upp",
	} {
		if got := rows[0][heading]; got != want {
			t.Errorf("%s: got %q, want %q", heading, got, want)
		}
	}
	// encoding/csv reads CR LF within a cell as LF; the file has what was written.
	if want := `"'=HYPERLINK(""http://ond.example"";""Läs"")` + "\r\n" + `Så stod det, ""ordagrant"".` + "\rSlut\""; !strings.Contains(r.out, want) {
		t.Errorf("%q is not in %q", want, r.out)
	}
	if n := rows[1]; n["number"] != "PUI-2026-0002" || n["status"] != "reported" || n["decision"] != "" || n["answer_16"] != "" {
		t.Errorf("the new incident: %v", n)
	}
	if n := rows[3]; n["status"] != "not_notifiable" || n["decision"] != "not_notifiable" || n["reason"] != "Kuvertet var oöppnat" || n["late"] != "" {
		t.Errorf("the incident that need not be notified: %v", n)
	}
	want := map[string]string{"number": "PUI-2026-0003", "purged": "true", "reported_at": "2026-03-03T10:12:00+01:00",
		"aware_at": "2026-03-03T10:12:00+01:00", "deadline_at": "2026-03-06T10:12:00+01:00", "dso_alerted_at": "2026-03-03T10:13:00+01:00",
		"taken_at": "2026-03-03T11:12:00+01:00"}
	for heading, cell := range rows[2] {
		if cell != want[heading] {
			t.Errorf("the purged incident: %s: got %q, want %q", heading, cell, want[heading])
		}
	}
}

func byHeading(records [][]string) (rows []map[string]string) {
	for _, rec := range records[1:] {
		row := map[string]string{}
		for i, cell := range rec {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func TestFormulas(t *testing.T) {
	for cell, want := range map[string]string{"=1+1": "'=1+1", "+46 70": "'+46 70", "-3": "'-3", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1",
		"\r=1": "\"'\r=1\"", "\n=1": "\"'\n=1\"", "1=1": "1=1", "": "", " a": `" a"`, "a,b": `"a,b"`, `"`: `""""`, "å": "å"} {
		if got := string(csvLine(cell)); got != want+"\r\n" {
			t.Errorf("%q: got %q, want %q", cell, got, want)
		}
	}
}

func TestRegisterJSON(t *testing.T) {
	file := sampleFile(t)
	fillSample(t, file)
	out := filepath.Join(t.TempDir(), "register.json")
	if err := os.WriteFile(out, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := call(t, "", "register", "-config", file, "-format", "json", "-out", out); r.code != 0 || r.out != "" || r.err != "" {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	info, err := os.Stat(out)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(data, &list); err != nil || len(list) != 4 {
		t.Fatalf("%d objects, %v", len(list), err)
	}
	first := list[0]
	if first["late"] != true || first["filed_at"] != "2026-03-06T11:12:00+01:00" || first["reference"] != "-IMY-77" {
		t.Errorf("first: %v", first)
	}
	answers := first["notification"].(map[string]any)["answers"].(map[string]any)
	if answers["16"] != sampleAnswers["16"].Text {
		t.Errorf("16 is %q", answers["16"])
	}
	if _, has := list[1]["filed_at"]; has {
		t.Errorf("what is not known has a key: %v", list[1])
	}
	for _, key := range []string{"number", "purged", "reported_at", "aware_at", "deadline_at", "dso_alerted_at", "taken_at"} {
		delete(list[2], key)
	}
	if !reflect.DeepEqual(list[2], map[string]any{}) {
		t.Errorf("of the purged incident there is also %v", list[2])
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); err != nil || len(left) != 1 {
		t.Errorf("files %v, %v", left, err)
	}
}

func TestRegisterEmpty(t *testing.T) {
	file := sampleFile(t)
	call(t, "", "register", "-config", file).sentence(t, 1, "data has no database yet", "frist serve")
	if r := call(t, "", "check", "-config", file); r.code != 0 {
		t.Fatal(r)
	}
	if r := call(t, "", "register", "-config", file, "-format", "json"); r.code != 0 || r.out != "[]\n" {
		t.Errorf("got %+v", r)
	}
	r := call(t, "", "register", "-config", file, "-bom")
	if r.code != 0 || !strings.HasPrefix(r.out, "\ufeffnumber,unit,") || !strings.Contains(r.out, ",answer_16,") || strings.Count(r.out, "\n") != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestRegisterUsage(t *testing.T) {
	call(t, "", "register").sentence(t, 2, "--config")
	call(t, "", "register", "-config", "x", "-format", "xml").sentence(t, 2, "format")
	call(t, "", "register", "-config", "x", "-format", "json", "-bom").sentence(t, 2, "-bom")
	call(t, "", "register", "-config", filepath.Join(t.TempDir(), "absent.yaml")).sentence(t, 1, "read settings", "-config")
	file := sampleFile(t)
	fillSample(t, file)
	call(t, "", "register", "-config", file, "-out", filepath.Join(t.TempDir(), "no", "where.csv")).sentence(t, 1, "where.csv")
}
