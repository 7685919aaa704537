package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"checkoutdoctor/web/link"
)

// day is what days of --ttl are: not those of a calendar, in which some have 23
// hours.
const day = 24 * time.Hour

const defaultLifetime = lifetime(3 * day)

// lifetime is a flag that says how long a link is good: as durations of Go, or in
// days.
type lifetime time.Duration

// Set implements [pflag.Value].
func (l *lifetime) Set(text string) error {
	if number, ok := strings.CutSuffix(text, "d"); ok {
		if days, err := strconv.ParseUint(number, 10, 16); err == nil {
			*l = lifetime(days) * lifetime(day)
			return nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("want a time such as 72h, 3d or 30m")
	}
	*l = lifetime(d)
	return nil
}

// String implements [pflag.Value]: it shows what is taken unless told.
func (l *lifetime) String() string {
	if d := time.Duration(*l); d%day != 0 {
		return d.String()
	}
	return fmt.Sprintf("%dd", time.Duration(*l)/day)
}

// Type implements [pflag.Value].
func (l *lifetime) Type() string { return "duration" }

// checkNotOver finds a link that nobody could open: whoever asks for one has the
// wrong day.
func checkNotOver(l link.Link, now time.Time) error {
	if now.Before(l.Until) {
		return nil
	}
	return fmt.Errorf("--from: such a link was over on %s; name a later time, or leave it out for one that is good from now", clockOf(l.Until, now))
}

// validity says in words when the link is good, and whether that begins later.
func validity(l link.Link, now time.Time) string {
	text := fmt.Sprintf("the link is good from %s until %s\n", clockOf(l.From, now), clockOf(l.Until, now))
	if now.Before(l.From.Add(-link.Skew)) {
		text += "it is not good yet: whoever opens it before that time is asked to come back later\n"
	}
	return text
}

// clockOf shows the time in the zone of now, with what tells that zone from others.
func clockOf(t, now time.Time) string {
	return t.In(now.Location()).Format("Mon 2 Jan 2006 15:04 UTC-07:00")
}
