// Package files reads what customers ask for.
package files

import (
	"os"
	"path/filepath"
)

const folder = "/srv/bills"

// Bill is the bill with this number.
func Bill(number string) ([]byte, error) {
	return os.ReadFile(filepath.Join(folder, number))
}
