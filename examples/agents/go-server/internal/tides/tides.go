// Package tides answers when the water is high: twelve hours and twenty-five minutes after the last time.
package tides

import "time"

const period = 12*time.Hour + 25*time.Minute

// Next gives the next n high waters after the first one.
func Next(first time.Time, n int) []time.Time {
	found := make([]time.Time, 0, n)
	for at := first; len(found) < n; at = at.Add(period) {
		found = append(found, at)
	}
	return found
}
