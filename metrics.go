package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"frist/conversation"
	"frist/conversation/store"
)

// metrics is what GET /metrics shows, on a registry of its own: counts and times, nothing of what anybody wrote and no names.
type metrics struct {
	registry    *prometheus.Registry
	turns       *prometheus.CounterVec
	turnSeconds *prometheus.HistogramVec
	sends       *prometheus.CounterVec
	sendSeconds *prometheus.HistogramVec
}

func newMetrics(a *app) *metrics {
	seconds := []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10, 30, 100}
	m := &metrics{registry: prometheus.NewRegistry(),
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frist_turns_total",
			Help: "Messages that had their turn, by channel and by what became of them: answered, automatic, bounce, stranger, failed and others."},
			[]string{"channel", "outcome"}),
		turnSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "frist_turn_seconds",
			Help: "How long a turn took, with its commit.", Buckets: seconds}, []string{"channel"}),
		sends: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frist_sends_total",
			Help: "Attempts to send a message, by channel and result: sent, failed (tried again), refused (given up), elsewhere (tried by mail)."},
			[]string{"channel", "result"}),
		sendSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "frist_send_seconds",
			Help: "How long an attempt to send took.", Buckets: seconds}, []string{"channel"}),
	}
	m.registry.MustRegister(m.turns, m.turnSeconds, m.sends, m.sendSeconds, &stateCollector{a}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// countedStore counts the turns that are committed.
type countedStore struct {
	*store.Store
	m *metrics
}

func (s countedStore) Update(ctx context.Context, f func(conversation.Tx) error) error {
	begun := time.Now()
	var t *countedTx
	err := s.Store.Update(ctx, func(tx conversation.Tx) error {
		t = &countedTx{Tx: tx}
		return f(t)
	})
	if err == nil && t.outcome != "" {
		s.m.turns.WithLabelValues(string(t.channel), t.outcome).Inc()
		s.m.turnSeconds.WithLabelValues(string(t.channel)).Observe(time.Since(begun).Seconds())
	}
	return err
}

type countedTx struct {
	conversation.Tx
	channel conversation.Channel
	outcome string
}

func (t *countedTx) Inbound(id conversation.InboundID) (in conversation.RawInbound, done bool, err error) {
	in, done, err = t.Tx.Inbound(id)
	t.channel = in.Channel
	return in, done, err
}

func (t *countedTx) FinishInbound(id conversation.InboundID, incident conversation.IncidentID, outcome string, keep bool, at time.Time) error {
	if t.channel == "" {
		if _, _, err := t.Inbound(id); err != nil {
			return err
		}
	}
	t.outcome = outcome
	return t.Tx.FinishInbound(id, incident, outcome, keep, at)
}

// countedSender counts the attempts of one channel, and tells after of each.
type countedSender struct {
	conversation.Sender
	channel conversation.Channel
	m       *metrics
	after   func(error)
}

func (s countedSender) Send(ctx context.Context, d conversation.Delivery) (string, error) {
	begun := time.Now()
	ref, err := s.Sender.Send(ctx, d)
	s.m.sends.WithLabelValues(string(s.channel), result(err)).Inc()
	s.m.sendSeconds.WithLabelValues(string(s.channel)).Observe(time.Since(begun).Seconds())
	if s.after != nil {
		s.after(err)
	}
	return ref, err
}

func result(err error) string {
	if err == nil {
		return "sent"
	}
	switch f, ok := errors.AsType[*conversation.Fault](err); {
	case ok && f.Elsewhere:
		return "elsewhere"
	case ok && f.Permanent:
		return "refused"
	}
	return "failed"
}

// stateCollector asks for the state of things at each scrape.
type stateCollector struct{ a *app }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("frist_"+name, help, labels, nil)
}

// Describe sends nothing: what is there depends on the state (prometheus.Collector calls that unchecked).
func (c *stateCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), databasePatience)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	version, revision := buildVersion()
	gauge(desc("build_info", "Always 1; the labels say what is running.", "version", "revision", "form"), 1, version, revision, c.a.form.Version)
	owner := 0.0
	if c.a.owns.Load() {
		owner = 1
		gauge(desc("mailbox_age_seconds", "Since when the mailbox was last read to its end, or since the start if it never was. Only where frist_mailbox_owner is 1."),
			c.a.mailboxAge().Seconds())
	}
	gauge(desc("mailbox_owner", "1 if this process reads the mailbox; of several replicas one does."), owner)
	days := desc("expiry_days", "Days until a secret or certificate ends, by the setting that names it.", "setting")
	for _, e := range c.a.expiries() {
		gauge(days, time.Until(e.ends).Hours()/24, e.setting)
	}
	counts, err := c.a.store.Counts(ctx)
	up := 1.0
	if err != nil {
		up = 0
	}
	gauge(desc("database_up", "1 if the database answers; without it what it holds is not shown."), up)
	if err == nil {
		c.counts(counts, gauge)
	}
}

func (c *stateCollector) counts(counts store.Counts, gauge func(*prometheus.Desc, float64, ...string)) {
	age := func(t time.Time) float64 {
		if t.IsZero() {
			return 0
		}
		return max(0, time.Since(t).Seconds())
	}
	waiting, oldest := desc("outbox_waiting", "Messages that wait to be sent.", "channel"), desc("outbox_oldest_seconds", "For how long the oldest of them has waited; 0 if none does.", "channel")
	urgent := desc("outbox_urgent_oldest_seconds", "For how long the oldest alert or alarm has waited to be sent; 0 if none does.", "channel")
	for _, ch := range []conversation.Channel{conversation.ChannelMail, conversation.ChannelTeams} {
		w := counts.Waiting[ch]
		gauge(waiting, float64(w.N), string(ch))
		gauge(oldest, age(w.Oldest), string(ch))
		gauge(urgent, age(w.OldestUrgent), string(ch))
	}
	gauge(desc("outbox_dead", "Messages that were given up."), float64(counts.Dead))
	gauge(desc("inbound_waiting", "Messages that were taken in and had no turn yet."), float64(counts.Inbound))
	gauge(desc("inbound_oldest_seconds", "For how long the oldest of them has waited; 0 if none does."), age(counts.OldestInbound))
	incidents := desc("incidents", "Incidents by status.", "status")
	for _, s := range []conversation.Status{conversation.StatusUnverified, conversation.StatusReported, conversation.StatusInReview, conversation.StatusApproved, conversation.StatusNotified,
		conversation.StatusNotNotifiable, conversation.StatusWithdrawn, conversation.StatusClosed} {
		gauge(incidents, float64(counts.Incidents[s]), string(s))
	}
	if at := counts.NextDeadline; !at.IsZero() {
		gauge(desc("next_deadline_seconds", "Until the earliest deadline of an open incident; below 0 once it has passed, absent if none is open."),
			at.Sub(c.a.now()).Seconds())
	}
}

// buildVersion is the module's version and the commit that it was built from, "unknown" where the build does not say.
func buildVersion() (version, revision string) {
	version, revision = "unknown", "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, revision
	}
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return version, revision
}

// metricsHandler serves metrics to whoever has the token, or where none is set to this machine alone. A proxy here would make everybody seem to be
// on this machine, so what a proxy has marked is refused.
func (a *app) metricsHandler() http.Handler {
	show := promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 30 * time.Second})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch token := a.cfg.HTTP.MetricsToken; {
		case token.IsZero() && !direct(r):
			http.Error(w, "metrics are shown on this machine alone, unless http.metrics_token is set", http.StatusForbidden)
		case !token.IsZero() && !bears(r, token.Value):
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "metrics are shown to whoever sends http.metrics_token", http.StatusUnauthorized)
		default:
			show.ServeHTTP(w, r)
		}
	})
}

// direct tells whether a request comes from this machine and through no proxy that says so (RFC 7239 and its forerunners).
func direct(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// bears tells whether a request has the token (RFC 6750 section 2.1).
func bears(r *http.Request, token func() (string, error)) bool {
	want, err := token()
	scheme, got, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return err == nil && strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}
