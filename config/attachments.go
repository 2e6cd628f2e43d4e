package config

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

var endingFormat = regexp.MustCompile(`^[a-z0-9]{1,10}$`)

// Attachments is what is done with files that come by mail or in Teams.
type Attachments struct {
	MaxSize  int64    `yaml:"max_size"` // bytes of one file
	MaxFiles int      `yaml:"max_files"`
	Refused  []string `yaml:"refused"` // endings of names, lower case, without a dot
	Clamd    string   `yaml:"clamd"`   // unix:PATH or tcp:HOST:PORT; empty: files are not scanned
}

func defaultAttachments() Attachments {
	return Attachments{MaxSize: 10_000_000, MaxFiles: 20,
		Refused: []string{"exe", "dll", "com", "scr", "msi", "bat", "cmd", "ps1", "vbs", "js", "jse", "wsf", "hta", "lnk", "jar", "iso", "img"}}
}

// ClamdAddr parts Clamd into a network and an address for net.Dial; both empty where it is not set.
func (a Attachments) ClamdAddr() (network, addr string) {
	network, addr, _ = strings.Cut(a.Clamd, ":")
	return network, addr
}

func (c *Config) checkAttachments(d *decoder) {
	a := &c.Attachments
	d.between("attachments.max_size", a.MaxSize, 1000, 100_000_000)
	d.between("attachments.max_files", int64(a.MaxFiles), 1, 200)
	for i, s := range a.Refused {
		if !endingFormat.MatchString(s) {
			d.fault(fmt.Sprintf("attachments.refused[%d]", i), "is no ending of a name; write letters and digits alone, such as exe")
		}
	}
	if a.Clamd == "" {
		return
	}
	const form = "write unix: and the socket's path, such as unix:/run/clamav/clamd.ctl, or tcp: and host:port, such as tcp:127.0.0.1:3310"
	switch network, addr := a.ClamdAddr(); {
	case network == "unix" && !filepath.IsAbs(addr):
		d.fault("attachments.clamd", "names no socket by its whole path; %s", form)
	case network == "tcp":
		if host, ok := d.hostPort("attachments.clamd", addr, false); ok && !loopback(host) {
			d.fault("attachments.clamd", "would send files in clear over the network; run clamd on this machine and write tcp:127.0.0.1:3310 or unix:/run/clamav/clamd.ctl")
		}
	case network != "unix":
		d.fault("attachments.clamd", "is neither a socket nor a port; %s", form)
	}
}
