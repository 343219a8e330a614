package report

import (
	"os/exec"
	"testing"
)

// The folder of the office, as the tests have it.
func office(t *testing.T) string {
	folder := t.TempDir()
	if err := exec.Command("sh", "-c", "touch "+folder+"/chart.txt").Run(); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestOffice(t *testing.T) {
	out, err := exec.Command("sh", "-c", "ls "+office(t)).Output()
	if err != nil || string(out) != "chart.txt\n" {
		t.Fatal(err)
	}
}
