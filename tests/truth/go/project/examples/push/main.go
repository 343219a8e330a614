// Command push shows how a meter sends a reading.
package main

import (
	"fmt"
	"os"
	"os/exec"
)

func main() {
	out, err := exec.Command("sh", "-c", "curl -s -d @- http://localhost:9000/reading < "+os.Args[1]).Output()
	fmt.Println(string(out), err)
}
