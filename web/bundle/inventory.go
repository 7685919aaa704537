package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/inventory"
)

// takeInventory lists the files. Whoever adds one says what it is for.
func takeInventory(a assets) ([]byte, error) {
	list := inventory.Inventory{Module: report.Version}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		d, ok := inventory.Describe(name)
		if !ok {
			return nil, fmt.Errorf("take the inventory: nothing says what %s is for; package inventory does", name)
		}
		list.Files = append(list.Files, inventory.Item{
			File: name, Purpose: d.Purpose, Loaded: d.Loaded, Bytes: len(a[name]), Integrity: integrity(a[name]),
			Sends: append([]inventory.Transfer{}, d.Sends...),
		})
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the inventory: %w", err)
	}
	return append(text, '\n'), nil
}
