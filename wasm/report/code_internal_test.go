//go:build !js

package report

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNoThreeChangesCancelOut proves what [maxDigits] says, for every code that
// there can be: check digits of sums are sums of check digits (the next test), so
// that it is enough to look at changes by themselves. One changed digit moves all
// three check digits; two, by any amounts at any places, at least two of them;
// and three at least one. So at least four characters differ between two codes.
func TestNoThreeChangesCancelOut(t *testing.T) {
	moves := make(map[[checkDigits]byte]int) // the place of the one change that moves the check digits so
	for place := range maxDigits - checkDigits {
		for amount := 1; amount < radix; amount++ {
			moved := movedBy(place, amount)
			require.NotContains(t, moved[:], byte(0), "one change")
			require.NotContains(t, moves, moved)
			moves[moved] = place
		}
	}
	for a, first := range moves {
		for b, second := range moves {
			if first >= second {
				continue
			}
			still := 0
			var third [checkDigits]byte // what would undo both
			for i := range third {
				third[i] = byte((2*radix - int(a[i]) - int(b[i])) % radix)
				if third[i] == 0 {
					still++
				}
			}
			require.LessOrEqual(t, still, 1, "two changes, at %d and %d", first, second)
			place, undone := moves[third]
			require.False(t, undone && place != first && place != second, "three changes, at %d, %d and %d", first, second, place)
		}
	}
}

// movedBy is what a change by the amount, at the place counted from the end of
// the digits, moves the check digits by.
func movedBy(place, amount int) [checkDigits]byte {
	digits := make([]byte, maxDigits-checkDigits)
	digits[len(digits)-1-place] = byte(amount)
	moved := check(digits)
	for i := range moved {
		moved[i] = (moved[i] + byte(radix) - 1) % byte(radix)
	}
	return moved
}

// TestCheckDigitsAdd is what the proof above rests on.
func TestCheckDigitsAdd(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		a, b, sum := make([]byte, 12), make([]byte, 12), make([]byte, 12)
		for i := range a {
			a[i], b[i] = byte(random.IntN(radix)), byte(random.IntN(radix))
			sum[i] = (a[i] + b[i]) % byte(radix)
		}
		x, y, got := check(a), check(b), check(sum)
		for i := range got {
			assert.Equal(t, (x[i]+y[i]+byte(radix)-1)%byte(radix), got[i])
		}
	}
}

// TestNumberTakesOutWhatWasPutIn covers bases at their ends.
func TestNumberTakesOutWhatWasPutIn(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		var n number
		var values, bases []int
		for range random.IntN(20) {
			base := 1 + random.IntN(maxRelease)
			value := []int{0, base - 1, random.IntN(base)}[random.IntN(3)]
			values, bases = append(values, value), append(bases, base)
			n.push(value, base)
		}
		for i := len(values) - 1; i >= 0; i-- {
			require.Equal(t, values[i], n.pop(bases[i]))
		}
		require.Empty(t, n)
		require.Zero(t, n.pop(7))
	}
}

// TestACodeOfALaterReleaseIsToldApart: what is appended to the lists, and another
// way of packing.
func TestACodeOfALaterReleaseIsToldApart(t *testing.T) {
	pack := func(version, browser, platform, class, cause, release int) string {
		var n number
		n.push(release, maxRelease)
		n.push(0, baseDetail)
		n.push(1, baseConfidence)
		n.push(cause, baseCause)
		n.push(2, 2*(maxCodeFindings+1))
		n.push(class, 2)
		for range maxFamilies - 2 {
			n.push(0, 2)
		}
		n.push(1, 2)
		n.push(scopeNotAsked, baseScope)
		n.push(platform, basePlatform)
		n.push(browser, baseBrowser)
		n.push(1, baseMode)
		n.push(1, baseVerdict)
		n.push(version, baseVersion)
		return spell(n)
	}
	_, err := ReadCode(pack(codeVersion, 1, 1, 0, 1, 1))
	require.NoError(t, err)
	for name, code := range map[string]string{
		"another way of packing": pack(2, 1, 1, 0, 1, 1),
		"a browser":              pack(1, 11, 1, 0, 1, 1),
		"a platform":             pack(1, 1, 5, 0, 1, 1),
		"a family":               pack(1, 1, 1, 1, 1, 1),
		"a cause":                pack(1, 1, 1, 0, 199, 1),
		"a release":              pack(1, 1, 1, 0, 1, 4000),
	} {
		_, err := ReadCode(code)
		assert.ErrorIs(t, err, ErrLaterRelease, name)
	}
	_, err = ReadCode(pack(0, 1, 1, 0, 1, 1))
	assert.ErrorIs(t, err, errNoCode)
}
