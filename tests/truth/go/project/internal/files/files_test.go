package files

import (
	"os"
	"path/filepath"
	"testing"
)

func TestNoBill(t *testing.T) {
	if _, err := Bill("none"); err == nil {
		t.Fatal("there is no bill")
	}
}

func read(t *testing.T, name string) []byte {
	bytes, err := os.ReadFile(filepath.Join(t.TempDir(), name))
	if err == nil {
		t.Fatal("there is no file")
	}
	return bytes
}

func TestRead(t *testing.T) {
	if len(read(t, "a")) != 0 {
		t.Fatal("something was read")
	}
}
