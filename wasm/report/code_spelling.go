package report

// alphabet has 23 characters, a prime, which the check digits need. None looks
// or sounds like another: of those that do, such as 8 and B or M and N, it has
// one, and [misread] the others.
const alphabet = "23456789ACDEFHKMPRTVWXY"

// radix is how many values a character has.
const radix = len(alphabet)

// checkDigits is how many characters at the end follow from the others.
const checkDigits = 3

// maxDigits bounds a code. Up to the order of the field's units, 22, no change
// of three characters or fewer leads to another code: it is a Reed-Solomon code
// of distance 4 over GF(23). At any length it finds a wrong character, and two
// neighbours that changed places.
const maxDigits = radix - 1

// groupSize is how many characters stand together at most.
const groupSize = 4

// check returns what the digits, the first of them first, are followed by: three
// less the remainder of their polynomial, times x^3, by the generator
//
//	(x-5)(x-5^2)(x-5^3) = x^3 - 17x^2 + 11x - 8    over GF(23)
//
// where 5 generates the field's units. The remainder is taken from (1,1,1), not
// from zero, so that a character too many or too few at the end is found too.
func check(digits []byte) [checkDigits]byte {
	var a, b, c int
	for _, d := range digits {
		f := int(d) + a
		a, b, c = (b+17*f)%radix, (c+12*f)%radix, 8*f%radix
	}
	return [checkDigits]byte{complement(a), complement(b), complement(c)}
}

func complement(rest int) byte { return byte((1 + radix - rest) % radix) }

// spell writes the number, the check digits after it, in groups of three or four.
func spell(n number) string {
	digits := make([]byte, 0, len(n)+checkDigits)
	for i := len(n) - 1; i >= 0; i-- {
		digits = append(digits, n[i])
	}
	for _, d := range check(digits) {
		digits = append(digits, d)
	}
	groups := (len(digits) + groupSize - 1) / groupSize
	var out []byte
	for i, d := range digits {
		// Group k begins at the place that is k/groups of the way.
		if i > 0 && i*groups/len(digits) != (i-1)*groups/len(digits) {
			out = append(out, '-')
		}
		out = append(out, alphabet[d])
	}
	return string(out)
}
