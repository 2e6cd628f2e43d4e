package bot

import (
	"fmt"
	"time"

	"github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// maxPeople and maxTenants are remembered; beyond that, whoever was quiet longest is forgotten and begins anew.
const (
	maxPeople  = 20_000
	maxTenants = 1000
)

// intake bounds how many activities a person and a tenant may send, so that one flood does not keep the others waiting. Only
// activities that have been authenticated are counted.
type intake struct{ people, tenants *limiters }

func newIntake(personPerMinute, tenantPerMinute int) (*intake, error) {
	people, err := newLimiters(personPerMinute, maxPeople)
	if err != nil {
		return nil, err
	}
	tenants, err := newLimiters(tenantPerMinute, maxTenants)
	if err != nil {
		return nil, err
	}
	return &intake{people, tenants}, nil
}

// take counts an activity, and tells how long its sender must wait if there were too many; 0 if not. A person who is held back costs the
// tenant nothing. What only tells that the app was installed or read, as for all staff at once, counts for the person alone.
func (i *intake) take(a *Activity, now time.Time) (wait time.Duration) {
	tenant, _ := a.Tenant()
	person, wait := i.people.take(tenant+"/"+a.From.ID, now)
	if wait > 0 || a.Type != TypeMessage && a.Type != TypeInvoke {
		return wait
	}
	if _, wait = i.tenants.take(tenant, now); wait > 0 {
		person.CancelAt(now)
	}
	return wait
}

// limiters are a bounded number of token buckets, by key.
type limiters struct {
	rate  rate.Limit
	burst int
	byKey *lru.Cache[string, *rate.Limiter]
}

func newLimiters(perMinute, keys int) (*limiters, error) {
	byKey, err := lru.New[string, *rate.Limiter](keys)
	if err != nil {
		return nil, fmt.Errorf("make rate limits: %w", err)
	}
	return &limiters{rate: rate.Limit(float64(perMinute) / 60), burst: max(perMinute/2, 1), byKey: byKey}, nil
}

// take reserves a place now; where there is none, wait is how long it takes until there is one.
func (l *limiters) take(key string, now time.Time) (place *rate.Reservation, wait time.Duration) {
	place = l.limiter(key).ReserveN(now, 1)
	if wait = place.DelayFrom(now); wait > 0 {
		place.CancelAt(now)
	}
	return place, wait
}

func (l *limiters) limiter(key string) *rate.Limiter {
	if known, ok := l.byKey.Get(key); ok {
		return known
	}
	fresh := rate.NewLimiter(l.rate, l.burst)
	if known, ok, _ := l.byKey.PeekOrAdd(key, fresh); ok {
		return known
	}
	return fresh
}
