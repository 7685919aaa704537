package report

// number is a whole number of any size: digits of base radix, the least first,
// without zeros at the end.
type number []byte

// push makes room for one more field, of the values 0 to base-1, and puts value
// there.
func (n *number) push(value, base int) {
	carry := value
	for i, digit := range *n {
		carry += int(digit) * base
		(*n)[i] = byte(carry % radix)
		carry /= radix
	}
	for ; carry > 0; carry /= radix {
		*n = append(*n, byte(carry%radix))
	}
}
