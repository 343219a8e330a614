package main

import (
	"net/http"
	"os/exec"
)

// firmware unpacks what a meter will run next.
func firmware(w http.ResponseWriter, r *http.Request) {
	if err := exec.Command("sh", "-c", "tar xf /srv/firmware/"+r.URL.Query().Get("version")).Run(); err != nil {
		http.Error(w, "no such version", http.StatusNotFound)
	}
}
