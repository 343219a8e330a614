// Command pull shows how a customer gets a chart.
package main

import (
	"os"
	"os/exec"
)

func main() {
	picture, err := exec.Command("sh", "-c", "curl -s http://localhost:8080/chart?title="+os.Args[1]).Output()
	if err == nil {
		os.Stdout.Write(picture)
	}
}
