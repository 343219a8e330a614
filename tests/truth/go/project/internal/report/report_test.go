package report

import (
	"os/exec"
	"testing"
)

func TestChartNeedsGnuplot(t *testing.T) {
	if _, err := exec.LookPath("gnuplot"); err == nil {
		t.Skip("gnuplot is there")
	}
	if _, err := Chart("x"); err == nil {
		t.Fatal("there is no gnuplot")
	}
}

func TestReset(t *testing.T) {
	if err := Reset(t.TempDir()); err != nil {
		t.Fatal(err)
	}
}

func TestShell(t *testing.T) {
	word := "true"
	if err := exec.Command("sh", "-c", word+" && true").Run(); err != nil {
		t.Fatal(err)
	}
}
