// Command collector takes readings from the meters of the own network.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/net/html"

	"example.com/metering/internal/sshkeys"
)

func main() {
	http.HandleFunc("/reading", reading)
	http.HandleFunc("/reboot", reboot)
	http.HandleFunc("/firmware", firmware)
	serve(":9000")
}

// serve answers until it is told to stop.
func serve(address string) {
	server := &http.Server{Addr: address}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		server.Close()
	}()
	log.Println(server.ListenAndServe())
}

func reading(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	page, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		http.Error(w, "no page", http.StatusBadRequest)
		return
	}
	fmt.Fprintln(w, page.Type)
}

func reboot(w http.ResponseWriter, r *http.Request) {
	meter := r.URL.Query().Get("meter")
	if !sshkeys.Known(meter) {
		http.Error(w, "no meter of ours", http.StatusForbidden)
		return
	}
	if err := exec.Command("sh", "-c", "meterctl reboot "+meter).Run(); err != nil {
		http.Error(w, "it did not", http.StatusBadGateway)
	}
}
